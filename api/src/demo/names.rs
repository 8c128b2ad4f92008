//! Names of people, Kazakh and Russian, in the form that goes with their sex.

use domain::types::{FullName, Sex};

use super::dice::Dice;

const KAZAKH_GIRLS: &[&str] = &[
    "Әсел", "Аружан", "Айзере", "Аяулым", "Дильназ", "Жанерке", "Інжу", "Камила", "Қымбат", "Меруерт", "Мөлдір", "Назерке",
    "Нұрай", "Сабина", "Томирис", "Ұлпан", "Шұғыла", "Ырысты", "Гүлнұр", "Балнұр", "Еңлік", "Ақбота",
];
const KAZAKH_BOYS: &[&str] = &[
    "Ержан", "Әлихан", "Алдияр", "Арсен", "Бекзат", "Ғалым", "Дәулет", "Дінмұхаммед", "Ерасыл", "Жандос", "Ислам", "Қайсар",
    "Мирас", "Нұрислам", "Олжас", "Өркен", "Расул", "Санжар", "Темірлан", "Үміт", "Шыңғыс", "Абылай",
];
const KAZAKH_WOMEN: &[&str] = &[
    "Айгүл", "Гүлмира", "Жанар", "Ләззат", "Сәуле", "Бақыт", "Қарлығаш", "Шолпан", "Алма", "Роза", "Гүлнар", "Динара", "Салтанат",
    "Айнұр", "Мәдина", "Зәуре",
];
const KAZAKH_MEN: &[&str] = &[
    "Серік", "Болат", "Ерлан", "Марат", "Асқар", "Қайрат", "Нұрлан", "Бауыржан", "Талғат", "Дәурен", "Мұрат", "Жанат", "Самат",
    "Рүстем", "Берік", "Әділ",
];
/// A woman's form ends in one more «а».
const KAZAKH_SURNAMES: &[&str] = &[
    "Ахметов", "Сәрсенов", "Жұмабаев", "Оспанов", "Төлегенов", "Қасымов", "Нұрғалиев", "Әбдіров", "Байжанов", "Ермеков",
    "Искаков", "Мұқанов", "Сейітов", "Тілеубаев", "Құрманов", "Әлімбеков", "Бекмұхамбетов", "Досжанов", "Жақсылықов", "Смағұлов",
    "Шаяхметов", "Өтегенов", "Рақымов", "Кенжебаев",
];
const RUSSIAN_GIRLS: &[&str] = &[
    "Полина", "Анастасия", "Дарья", "Милана", "София", "Виктория", "Алиса", "Варвара", "Екатерина", "Ксения", "Мария",
    "Арина", "Ульяна", "Вероника", "Елизавета", "Юлия",
];
const RUSSIAN_BOYS: &[&str] = &[
    "Артём", "Максим", "Александр", "Даниил", "Кирилл", "Матвей", "Никита", "Тимофей", "Егор", "Илья", "Роман", "Фёдор",
    "Владислав", "Глеб", "Степан", "Ярослав",
];
const RUSSIAN_WOMEN: &[&str] = &[
    "Наталья", "Ольга", "Елена", "Светлана", "Татьяна", "Ирина", "Людмила", "Марина", "Галина", "Оксана", "Инна", "Лариса",
];
const RUSSIAN_MEN: &[&str] =
    &["Андрей", "Сергей", "Виктор", "Юрий", "Павел", "Олег", "Игорь", "Михаил", "Константин", "Вадим", "Денис", "Антон"];
const RUSSIAN_SURNAMES: &[&str] = &[
    "Иванов", "Кузнецов", "Попов", "Соколов", "Лебедев", "Новиков", "Морозов", "Волков", "Зайцев", "Павлов", "Семёнов",
    "Голубев", "Виноградов", "Беляев", "Тарасов", "Орлов", "Киселёв", "Андреев", "Ковалёв", "Гусев",
];
/// The middle part a father's name gives; «ич» or «на» follows.
const RUSSIAN_FATHERS: &[&str] = &[
    "Андреев", "Сергеев", "Викторов", "Юрьев", "Павлов", "Олегов", "Игорев", "Михайлов", "Константинов", "Вадимов", "Денисов",
    "Антонов", "Алексеев", "Дмитриев",
];

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum People {
    Kazakh,
    Russian,
}

/// A child of this family name stem.
pub fn child(dice: &mut Dice, people: People, sex: Sex, stem: &str) -> FullName {
    let first = match (people, sex) {
        (People::Kazakh, Sex::Female) => KAZAKH_GIRLS,
        (People::Kazakh, Sex::Male) => KAZAKH_BOYS,
        (People::Russian, Sex::Female) => RUSSIAN_GIRLS,
        (People::Russian, Sex::Male) => RUSSIAN_BOYS,
    };
    full(dice, people, sex, stem, first)
}

/// A parent or a teacher of this family name stem.
pub fn adult(dice: &mut Dice, people: People, sex: Sex, stem: &str) -> FullName {
    let first = match (people, sex) {
        (People::Kazakh, Sex::Female) => KAZAKH_WOMEN,
        (People::Kazakh, Sex::Male) => KAZAKH_MEN,
        (People::Russian, Sex::Female) => RUSSIAN_WOMEN,
        (People::Russian, Sex::Male) => RUSSIAN_MEN,
    };
    full(dice, people, sex, stem, first)
}

pub fn stem(dice: &mut Dice, people: People) -> &'static str {
    dice.pick(if people == People::Kazakh { KAZAKH_SURNAMES } else { RUSSIAN_SURNAMES })
}

fn full(dice: &mut Dice, people: People, sex: Sex, stem: &str, firsts: &[&str]) -> FullName {
    let first = dice.pick(firsts).to_owned();
    let middle = match (people, sex) {
        (People::Kazakh, Sex::Female) => format!("{}қызы", dice.pick(KAZAKH_MEN)),
        (People::Kazakh, Sex::Male) => format!("{}ұлы", dice.pick(KAZAKH_MEN)),
        (People::Russian, Sex::Female) => format!("{}на", dice.pick(RUSSIAN_FATHERS)),
        (People::Russian, Sex::Male) => format!("{}ич", dice.pick(RUSSIAN_FATHERS)),
    };
    let last = if sex == Sex::Female { format!("{stem}а") } else { stem.to_owned() };
    FullName { first, last, middle: Some(middle) }
}
