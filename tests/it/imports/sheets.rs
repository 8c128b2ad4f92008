//! A school's workbook: the template with rows written into it, or the same rows as CSV files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use domain::types::Language;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// The sheets of the template in their order, and the headings of each, as a Russian school sees them.
const SHEETS: [(&str, &[&str]); 9] = [
    ("Классы", &["Пример", "Класс", "Учебный год", "Язык обучения", "Смена", "Классный руководитель"]),
    (
        "Ученики",
        &[
            "Пример",
            "Номер ученика",
            "ФИО",
            "Класс",
            "Дата рождения",
            "Пол",
            "В классе с",
            "В классе по",
            "Родитель 1: номер",
            "Родитель 1: кем приходится",
            "Родитель 1: ФИО",
            "Родитель 1: телефон",
            "Родитель 1: e-mail",
            "Родитель 2: номер",
            "Родитель 2: кем приходится",
            "Родитель 2: ФИО",
            "Родитель 2: телефон",
            "Родитель 2: e-mail",
        ],
    ),
    ("Сотрудники", &["Пример", "Номер сотрудника", "ФИО"]),
    ("Предметы", &["Пример", "Предмет", "Класс", "Подгруппа", "Учитель", "Номера учеников подгруппы"]),
    (
        "Расписание",
        &[
            "Пример",
            "День недели",
            "Урок №",
            "Класс",
            "Предмет",
            "Подгруппа",
            "Учитель",
            "Кабинет",
            "Начало",
            "Конец",
            "Действует с",
            "Действует по",
        ],
    ),
    (
        "Работы",
        &["Пример", "Класс", "Предмет", "Подгруппа", "Название работы", "Вид", "Дата", "Максимальный балл", "Вес"],
    ),
    (
        "Оценки",
        &[
            "Пример",
            "Номер ученика",
            "Предмет",
            "Подгруппа",
            "Дата",
            "Урок №",
            "Работа",
            "Вид",
            "Оценка",
            "Балл",
            "Статус",
            "Комментарий",
        ],
    ),
    (
        "Посещаемость",
        &["Пример", "Номер ученика", "Дата", "Урок №", "Предмет", "Статус", "Опоздание, минут", "Комментарий"],
    ),
    ("Итоговые оценки", &["Пример", "Номер ученика", "Предмет", "Период", "Оценка", "Процент", "Статус"]),
];

/// The rows of each sheet by the sheet's Russian name. A cell that begins with `#` is a number.
#[derive(Clone)]
pub struct Sheets {
    rows: BTreeMap<&'static str, Vec<Vec<String>>>,
    merges: Vec<(&'static str, String)>,
}

impl Sheets {
    /// A small school in the words of one language: two children of one mother in a class, a subgroup, lessons on Wednesdays.
    pub fn small(language: Language) -> Self {
        let at = match language {
            Language::Kk => 0,
            Language::Ru => 1,
            Language::En => 2,
        };
        let word = |words: [&'static str; 3]| words[at];
        let kazakh = word(["қазақша", "казахский", "Kazakh"]);
        let (girl, boy) = (word(["қыз", "жен", "female"]), word(["ұл", "муж", "male"]));
        let (mother, father) = (word(["анасы", "мать", "mother"]), word(["әкесі", "отец", "father"]));
        let wednesday = word(["сәрсенбі", "среда", "Wednesday"]);
        let section = word(["БЖБ", "СОР", "section"]);
        let exempt = word(["босатылған", "освобожден", "exempt"]);
        let (late, ill) = (word(["кешікті", "опоздал", "late"]), word(["ауырды", "болел", "ill"]));
        let quarter = word(["1-тоқсан", "1 четверть", "quarter 1"]);
        let mut sheets = Self { rows: BTreeMap::new(), merges: Vec::new() };
        sheets.add("Классы", &["", "7 А", "2026/27", kazakh, "#1", "Ким И. С."]);
        // A Latin A, and a row that only holds spaces.
        let alia = format!(
            "|1001|  Омарова\u{a0}Алия  Ержановна|7A|14.05.2013|{girl}||||{mother}|Омарова Сауле|+7 701 123-45-67|\
             saule@example.kz||{father}|Омаров Ержан||"
        );
        let timur = format!("|#1002|Омаров Тимур|7 а|2012-02-03|{boy}||||{mother}|Омарова Сауле|87011234567||||||");
        for row in [alia.as_str(), "| |\u{a0}", timur.as_str()] {
            sheets.add("Ученики", &row.split('|').collect::<Vec<_>>());
        }
        sheets.add("Сотрудники", &["", "T-1", "Ким Ирина Сергеевна"]);
        sheets.add("Предметы", &["", "Алгебра", "7 А", "", "T-1", ""]);
        sheets.add("Предметы", &["", "Физика", "7А", "1", "Ким Ирина", "1002"]);
        sheets.add("Расписание", &["", wednesday, "#2", "7 А", "Алгебра", "", "", "#205", "08:50", "9:35", "", ""]);
        sheets.add("Расписание", &["", wednesday, "3", "7 А", "Физика", "1", "", "", "09:50", "10:35", "", ""]);
        sheets.add("Работы", &["", "7 А", "Алгебра", "", "СОР 1", section, "16.11.2026", "#20", ""]);
        sheets.add(
            "Оценки",
            &["", "1001", "Алгебра", "", "18.11.2026", "#2", "", "", "9,5", "", "", "Молодец; хорошо, \"да\""],
        );
        sheets.add("Оценки", &["", "1001", "Алгебра", "", "16.11.2026", "", "СОР 1", "", "#17", "", "", ""]);
        sheets.add("Оценки", &["", "1002", "Алгебра", "", "2026-11-18", "2", "", "", "", "", exempt, ""]);
        sheets.add("Посещаемость", &["", "1002", "18.11.2026", "#3", "", late, "#7", ""]);
        sheets.add("Посещаемость", &["", "1001", "18.11.2026", "", "", ill, "", ""]);
        sheets.add("Итоговые оценки", &["", "1001", "Алгебра", quarter, "#5", "87", ""]);
        sheets
    }

    pub fn add(&mut self, sheet: &'static str, cells: &[&str]) {
        let cells = cells.iter().map(|cell| (*cell).to_owned()).collect();
        self.rows.entry(sheet).or_default().push(cells);
    }

    pub fn with(mut self, sheet: &'static str, cells: &[&str]) -> Self {
        self.add(sheet, cells);
        self
    }

    /// Changes one cell that is there.
    pub fn edited(mut self, sheet: &'static str, from: &str, to: &str) -> Self {
        let cells = self.rows.get_mut(sheet).unwrap().iter_mut().flatten();
        let mut found: Vec<&mut String> = cells.filter(|cell| *cell == from).collect();
        assert!(!found.is_empty(), "{sheet} has no {from}");
        for cell in &mut found {
            to.clone_into(cell);
        }
        self
    }

    /// Takes out the rows that hold a cell, of which there must be some.
    pub fn without(mut self, sheet: &'static str, cell: &str) -> Self {
        let rows = self.rows.get_mut(sheet).unwrap();
        let before = rows.len();
        rows.retain(|cells| cells.iter().all(|known| known.trim_start_matches('#') != cell));
        assert!(rows.len() < before, "{sheet} has no {cell}");
        self
    }

    /// Takes out all rows.
    pub fn emptied(mut self, sheet: &'static str) -> Self {
        self.rows.remove(sheet);
        self
    }

    /// Merges cells of a column: those of rows (from 0) `first` to `last` of what was added.
    pub fn merged(mut self, sheet: &'static str, column: char, first: usize, last: usize) -> Self {
        self.merges.push((sheet, format!("{column}{}:{column}{}", FIRST_ROW + first, FIRST_ROW + last)));
        self
    }

    /// The template in a language with the rows below its examples.
    pub fn workbook(&self, language: Language) -> File {
        let mut template = ZipArchive::new(Cursor::new(interchange::workbook::template(language).unwrap())).unwrap();
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("school.xlsx");
        let mut zip = ZipWriter::new(std::fs::File::create(&path).unwrap());
        for index in 0..template.len() {
            let mut part = template.by_index(index).unwrap();
            let (name, mut bytes) = (part.name().unwrap().into_owned(), Vec::new());
            part.read_to_end(&mut bytes).unwrap();
            let number = name.strip_prefix("xl/worksheets/sheet").and_then(|rest| rest.strip_suffix(".xml"));
            if let Some((sheet, _)) = number.and_then(|number| SHEETS.get(number.parse::<usize>().unwrap() - 1)) {
                bytes = self.filled(sheet, &String::from_utf8(bytes).unwrap()).into_bytes();
            }
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        zip.finish().unwrap();
        File { path, _home: home }
    }

    fn filled(&self, sheet: &str, xml: &str) -> String {
        let mut rows = String::new();
        for (row, cells) in (FIRST_ROW..).zip(self.rows.get(sheet).into_iter().flatten()) {
            let _ = write!(rows, "<row r=\"{row}\">");
            for (column, text) in ('A'..).zip(cells).filter(|(_, text)| !text.is_empty()) {
                let _ = if let Some(number) = text.strip_prefix('#') {
                    write!(rows, "<c r=\"{column}{row}\"><v>{number}</v></c>")
                } else {
                    let text = text.replace('&', "&amp;").replace('<', "&lt;");
                    write!(rows, "<c r=\"{column}{row}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
                };
            }
            rows += "</row>";
        }
        let mut merges = String::new();
        for (_, range) in self.merges.iter().filter(|(known, _)| *known == sheet) {
            let _ = write!(merges, "<mergeCell ref=\"{range}\"/>");
        }
        let xml = xml.replacen("</sheetData>", &(rows + "</sheetData>"), 1);
        xml.replacen("</mergeCells>", &(merges + "</mergeCells>"), 1)
    }

    /// A folder of CSV files with Russian names and headings.
    pub fn folder(&self, separator: char, encode: impl Fn(&str) -> Vec<u8>) -> TempDir {
        let home = tempfile::tempdir().unwrap();
        for (sheet, headings) in SHEETS {
            let quoted = |cell: &str| {
                let cell = cell.strip_prefix('#').unwrap_or(cell);
                format!("\"{}\"", cell.replace('"', "\"\""))
            };
            let line = |cells: Vec<String>| cells.join(&separator.to_string()) + "\r\n";
            let mut text = line(headings.iter().map(|title| (*title).to_owned()).collect());
            for cells in self.rows.get(sheet).into_iter().flatten() {
                text += &line(cells.iter().map(|cell| quoted(cell)).collect());
            }
            std::fs::write(home.path().join(format!("{sheet}.csv")), encode(&text)).unwrap();
        }
        home
    }
}

/// The row a spreadsheet shows for the first row that is added to the template.
pub const FIRST_ROW: usize = 11;

/// A workbook on the disk, gone when dropped.
pub struct File {
    path: PathBuf,
    _home: TempDir,
}

impl File {
    pub fn path(&self) -> &Path {
        &self.path
    }
}
