//! From the grades of the periods to the year's, and with exams and extra works to the final one.

use super::exact::{Exact, mean, whole};
use super::scale::{Reading, Symbol};
use super::scheme::Scheme;
use crate::types::GradeStatus;

/// What was set for a period or an exam.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub status: GradeStatus,
    pub value: Option<String>,
}

/// What a year comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Year {
    /// The mean, not rounded, and the symbol it is rounded to.
    Graded(Exact, Symbol),
    /// Why there is no number.
    Without(GradeStatus),
}

/// What a subject ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Final {
    Graded(Symbol),
    Without(GradeStatus),
    /// An extra work is still to be written.
    Waits,
}

/// The grade of the year: the mean of the grades of its periods (never of percents), rounded as the scale has it. What is no
/// number does not enter; if there is no number at all, a status that all periods share is the year's. `None` if there is
/// nothing, or a grade that the scale does not know: it would be left out in silence.
pub fn year(scheme: &Scheme, periods: &[Entry]) -> Option<Year> {
    let mut numbers = Vec::new();
    for entry in periods.iter().filter(|entry| entry.status == GradeStatus::Graded) {
        match scheme.scale.read(entry.value.as_deref()?) {
            Reading::Number(number) => numbers.push((number, whole(1))),
            Reading::NoValue => {}
            Reading::Unknown => return None,
        }
    }
    let Some(mean) = mean(numbers) else {
        let status = periods.first()?.status;
        let shared = status != GradeStatus::Graded && periods.iter().all(|entry| entry.status == status);
        return shared.then_some(Year::Without(status));
    };
    let symbol = scheme.scale.nearest(&mean)?.clone();
    Some(Year::Graded(mean, symbol))
}

impl Year {
    /// Whether the year is failed.
    pub fn fails(&self, scheme: &Scheme) -> bool {
        matches!(self, Self::Graded(_, symbol) if !scheme.scale.passes(&symbol.number.exact()))
    }
}

/// The final grade of a subject. In the levels of the exam rule an exam counts beside the unrounded mean of the year. Who
/// fails the year in few subjects (`failed`, this one included) writes an extra work, kept as an exam, and the final grade is
/// the mean of both; who fails in more of them repeats the year, and the grade of the year stays.
pub fn final_grade(
    scheme: &Scheme,
    level: Option<i32>,
    year: &Year,
    exam: Option<&Entry>,
    failed: usize,
) -> Option<Final> {
    let (mean, symbol) = match year {
        Year::Without(status) => return Some(Final::Without(*status)),
        Year::Graded(mean, symbol) => (mean, symbol),
    };
    let written = exam.filter(|exam| exam.status == GradeStatus::Graded).and_then(|exam| exam.value.as_deref());
    let written = match written.map(|value| scheme.scale.read(value)) {
        Some(Reading::Number(number)) => Some(number),
        Some(Reading::Unknown) => return None,
        Some(Reading::NoValue) | None => None,
    };
    let rule = scheme.exam.as_ref().filter(|rule| level.is_some_and(|level| rule.levels.contains(&level)));
    let extra = scheme.extra_work.as_ref().filter(|extra| year.fails(scheme) && failed <= extra.subjects);
    let number = match (rule, written, extra) {
        (Some(rule), Some(exam), _) => (mean * whole(rule.year) + exam * whole(rule.exam)) / whole(100),
        (None, Some(work), Some(_)) => (symbol.number.exact() + work) / whole(2),
        (_, None, Some(_)) => return Some(Final::Waits),
        _ => return Some(Final::Graded(symbol.clone())),
    };
    Some(Final::Graded(scheme.scale.nearest(&number)?.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::{DEFAULT, preset};

    fn graded(value: &str) -> Entry {
        Entry { status: GradeStatus::Graded, value: Some(value.to_owned()) }
    }

    fn without(status: GradeStatus) -> Entry {
        Entry { status, value: None }
    }

    fn of(values: &[&str]) -> Year {
        let entries: Vec<Entry> = values.iter().map(|value| graded(value)).collect();
        year(&preset(DEFAULT).unwrap(), &entries).unwrap()
    }

    fn symbol(year: &Year) -> &str {
        match year {
            Year::Graded(_, symbol) => &symbol.symbol,
            Year::Without(status) => panic!("{status:?}"),
        }
    }

    fn last(level: i32, terms: &[&str], exam: Option<&str>, failed: usize) -> Final {
        let exam = exam.map(graded);
        final_grade(&preset(DEFAULT).unwrap(), Some(level), &of(terms), exam.as_ref(), failed).unwrap()
    }

    fn grade(last: &Final) -> &str {
        match last {
            Final::Graded(symbol) => &symbol.symbol,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_year_is_the_mean_of_its_terms_and_a_half_goes_up() {
        assert_eq!(symbol(&of(&["4", "5", "5", "4"])), "5");
        assert_eq!(symbol(&of(&["4", "4", "5", "4"])), "4");
        assert_eq!(symbol(&of(&["2", "3"])), "3");
        assert_eq!(symbol(&of(&["3"])), "3");
    }

    #[test]
    fn what_is_no_number_does_not_enter_the_year() {
        let scheme = preset(DEFAULT).unwrap();
        for status in [GradeStatus::Exempt, GradeStatus::NotSubmitted, GradeStatus::NotAssessed] {
            let mixed = year(&scheme, &[graded("5"), without(status), graded("5")]).unwrap();
            assert_eq!(symbol(&mixed), "5");
            assert_eq!(year(&scheme, &[without(status), without(status)]), Some(Year::Without(status)));
        }
        assert_eq!(year(&scheme, &[without(GradeStatus::Exempt), without(GradeStatus::NotAssessed)]), None);
        assert_eq!(year(&scheme, &[graded("н/а"), graded("4")]).as_ref().map(symbol), Some("4"));
        assert_eq!(year(&scheme, &[graded("зачёт"), graded("4")]), None, "a mean that leaves one out would be wrong");
        assert_eq!(year(&scheme, &[]), None);
    }

    #[test]
    fn in_levels_9_and_11_the_unrounded_year_counts_seven_tenths_and_the_exam_three() {
        // 4.5 and 5: 4.65.
        assert_eq!(grade(&last(9, &["4", "5", "5", "4"], Some("5"), 0)), "5");
        // 4.5 and 4: 4.35; the rounded year would give 4.7.
        assert_eq!(grade(&last(11, &["4", "5", "5", "4"], Some("4"), 0)), "4");
        // 4.25 and 5: 4.475.
        assert_eq!(grade(&last(9, &["4", "5", "4", "4"], Some("5"), 0)), "4");
        assert_eq!(grade(&last(9, &["4", "5", "5", "4"], None, 0)), "5", "not every subject has an exam");
        assert_eq!(grade(&last(8, &["4", "5", "5", "4"], Some("2"), 0)), "5", "level 8 has no exam");
    }

    #[test]
    fn who_fails_one_or_two_subjects_writes_an_extra_work_and_who_fails_three_repeats() {
        let failed = ["2", "2", "3", "2"];
        for count in [1, 2] {
            assert_eq!(last(7, &failed, None, count), Final::Waits);
            assert_eq!(grade(&last(7, &failed, Some("4"), count)), "3");
            assert_eq!(grade(&last(7, &failed, Some("3"), count)), "3", "2.5 goes up");
            assert_eq!(grade(&last(7, &failed, Some("2"), count)), "2");
        }
        assert_eq!(grade(&last(7, &failed, None, 3)), "2");
        assert_eq!(grade(&last(7, &failed, Some("4"), 3)), "2");
        assert_eq!(grade(&last(7, &["3", "3", "2", "3"], None, 0)), "3");
    }

    #[test]
    fn a_pass_is_a_pass_in_every_language() {
        let scheme = preset("pass-fail").unwrap();
        let passed = year(&scheme, &[graded("зачёт"), graded("Есептелді"), without(GradeStatus::Exempt)]).unwrap();
        assert_eq!((symbol(&passed), passed.fails(&scheme)), ("pass", false));
        let failed = year(&scheme, &[graded("есептелмеді"), graded("fail")]).unwrap();
        assert_eq!((symbol(&failed), failed.fails(&scheme)), ("fail", true));
    }
}
