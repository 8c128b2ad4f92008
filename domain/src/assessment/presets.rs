//! The schemes every school can choose without writing one.

use super::exact::Decimal;
use super::scale::{Band, Direction, Rounding, Scale, Symbol};
use super::scheme::{Aggregation, Basis, Component, ExamRule, ExtraWork, Rhythm, Scheme};
use crate::types::{GradeKind, Names};

/// What is in force where a school chose nothing.
pub const DEFAULT: &str = "kz-2020";

/// The names of the presets; no school's own scheme has one of them.
pub const PRESETS: &[&str] = &[
    "kz-2020",
    "kz-2020-half-year",
    "kz-2016",
    "pass-fail",
    "mean-2-5",
    "mean-1-5",
    "mean-1-5-down",
    "mean-1-6",
    "mean-1-6-down",
    "mean-1-10",
    "mean-1-12",
    "mean-0-20",
    "mean-letters",
    "mean-percent",
    "mean-words",
];

/// The preset of this name. `kz-2020` is in force in Kazakhstan since 1 September 2020, `kz-2016` was from 2016/17 to 2019/20;
/// the others take the weighted mean of grades on one of the scales that schools use.
pub fn preset(name: &str) -> Option<Scheme> {
    Some(match name {
        "kz-2020" => kazakhstan(vec![formative(25), section(25), term(50)], Rhythm::Period),
        "kz-2020-half-year" => kazakhstan(vec![formative(50), section(50)], Rhythm::HalfYear),
        "kz-2016" => kazakhstan(vec![section(50), term(50)], Rhythm::Period),
        "pass-fail" => mean_of(words(&PASS_FAIL, "pass")),
        "mean-2-5" => mean_of(numbers(2..=5, Direction::Up, "3")),
        "mean-1-5" => mean_of(numbers(1..=5, Direction::Up, "3")),
        "mean-1-5-down" => mean_of(numbers(1..=5, Direction::Down, "4")),
        "mean-1-6" => mean_of(numbers(1..=6, Direction::Up, "4")),
        "mean-1-6-down" => mean_of(numbers(1..=6, Direction::Down, "4")),
        "mean-1-10" => mean_of(numbers(1..=10, Direction::Up, "4")),
        "mean-1-12" => mean_of(numbers(1..=12, Direction::Up, "4")),
        "mean-0-20" => mean_of(numbers(0..=20, Direction::Up, "10")),
        "mean-letters" => mean_of(letters()),
        "mean-percent" => mean_of(numbers(0..=100, Direction::Up, "50")),
        "mean-words" => mean_of(words(&WORDS, "satisfactory")),
        _ => return None,
    })
}

const PASS_FAIL: [(&str, i64, [&str; 3]); 2] =
    [("fail", 0, ["есептелмеді", "незачёт", "fail"]), ("pass", 1, ["есептелді", "зачёт", "pass"])];

const WORDS: [(&str, i64, [&str; 3]); 4] = [
    ("unsatisfactory", 2, ["қанағаттанарлықсыз", "неудовлетворительно", "unsatisfactory"]),
    ("satisfactory", 3, ["қанағаттанарлық", "удовлетворительно", "satisfactory"]),
    ("good", 4, ["жақсы", "хорошо", "good"]),
    ("excellent", 5, ["өте жақсы", "отлично", "excellent"]),
];

/// What counts as 4.0 and less, in hundredths, from F to A+.
const LETTERS: [(&str, i64); 13] = [
    ("F", 0),
    ("D-", 70),
    ("D", 100),
    ("D+", 130),
    ("C-", 170),
    ("C", 200),
    ("C+", 230),
    ("B-", 270),
    ("B", 300),
    ("B+", 330),
    ("A-", 370),
    ("A", 400),
    ("A+", 430),
];

/// Any work in a lesson or at home (ФО/ҚБ), out of 10 where nothing else is said.
fn formative(weight: u32) -> Component {
    let kinds = vec![GradeKind::Formative, GradeKind::Classwork, GradeKind::Homework, GradeKind::Test];
    Component { kinds, weight, max: Some(Decimal::whole(10)) }
}

/// СОР/БЖБ.
fn section(weight: u32) -> Component {
    Component { kinds: vec![GradeKind::Section], weight, max: None }
}

/// СОЧ/ТЖБ.
fn term(weight: u32) -> Component {
    Component { kinds: vec![GradeKind::Term], weight, max: None }
}

fn kazakhstan(components: Vec<Component>, graded_by: Rhythm) -> Scheme {
    let bands = [(0, "2"), (40, "3"), (65, "4"), (85, "5")];
    let band = |(from, symbol): (i64, &str)| Band { from: Decimal::whole(from), symbol: symbol.to_owned() };
    Scheme {
        basis: Basis::Points,
        aggregation: Aggregation::Mean,
        rounding: Rounding::HalfUp,
        components,
        scale: Scale { bands: bands.map(band).to_vec(), ..numbers(2..=5, Direction::Up, "3") },
        graded_by,
        ungraded_levels: vec![1],
        exam: Some(ExamRule { levels: vec![9, 11], year: 70, exam: 30 }),
        extra_work: Some(ExtraWork { subjects: 2 }),
    }
}

/// The weighted mean of grades. Section and term works are left out: «15» of 20 is no mark beside an «8».
fn mean_of(scale: Scale) -> Scheme {
    let kinds = [GradeKind::Formative, GradeKind::Classwork, GradeKind::Homework, GradeKind::Test, GradeKind::Other];
    Scheme {
        basis: Basis::Values,
        aggregation: Aggregation::Mean,
        rounding: Rounding::None,
        components: vec![Component { kinds: kinds.to_vec(), weight: 100, max: None }],
        scale,
        graded_by: Rhythm::Period,
        ungraded_levels: Vec::new(),
        exam: None,
        extra_work: None,
    }
}

fn scale(symbols: Vec<Symbol>, direction: Direction, pass: &str, step: Decimal) -> Scale {
    let no_value = ["н/а", "н/о", "осв.", "б/б"].map(str::to_owned).to_vec();
    Scale { symbols, direction, pass: pass.to_owned(), bands: Vec::new(), step, rounding: Rounding::HalfUp, no_value }
}

fn numbers(range: std::ops::RangeInclusive<i64>, direction: Direction, pass: &str) -> Scale {
    let symbol = |number: i64| Symbol { symbol: number.to_string(), number: Decimal::whole(number), names: None };
    let mut symbols: Vec<Symbol> = range.map(symbol).collect();
    if direction == Direction::Down {
        symbols.reverse();
    }
    scale(symbols, direction, pass, Decimal::whole(1))
}

fn words(words: &[(&str, i64, [&str; 3])], pass: &str) -> Scale {
    let symbol = |(symbol, number, [kk, ru, en]): &(&str, i64, [&str; 3])| Symbol {
        symbol: (*symbol).to_owned(),
        number: Decimal::whole(*number),
        names: Some(Names::of(kk, ru, en)),
    };
    scale(words.iter().map(symbol).collect(), Direction::Up, pass, Decimal::whole(1))
}

fn letters() -> Scale {
    let symbol =
        |(symbol, number): (&str, i64)| Symbol { symbol: symbol.to_owned(), number: Decimal(number), names: None };
    scale(LETTERS.map(symbol).to_vec(), Direction::Up, "D-", Decimal(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_a_scheme_that_a_school_could_write() {
        for name in PRESETS {
            let scheme = preset(name).unwrap();
            assert_eq!(Scheme::parse(&scheme.to_json()).unwrap(), scheme, "{name}");
        }
        assert!(PRESETS.contains(&DEFAULT));
        assert!(preset("kz-1999").is_none());
    }
}
