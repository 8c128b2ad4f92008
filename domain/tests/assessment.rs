//! The engine against published examples, the borders, and an oracle of plain fractions; and what must hold for any grades.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use domain::assessment::{Aggregation, Assessed, Mark, PRESETS, Rounding, Scheme, Settled, assess, preset, settle};
use domain::types::{GradeKind, GradeStatus};
use proptest::prelude::*;
use proptest::sample::Index;

/// A graded mark; points in hundredths.
fn mark(kind: GradeKind, points: i64, most: i64) -> Mark {
    Mark { kind, status: GradeStatus::Graded, value: None, points: Some(points), max_points: Some(most), weight: 100 }
}

fn valued(value: &str, weight: i64) -> Mark {
    Mark { value: Some(value.to_owned()), points: None, max_points: None, weight, ..mark(GradeKind::Formative, 0, 0) }
}

fn with(aggregation: Aggregation, rounding: Rounding) -> Scheme {
    Scheme { aggregation, rounding, ..preset("kz-2020").unwrap() }
}

/// Percent in hundredths, and the grade.
fn of(scheme: &Scheme, marks: &[Mark]) -> (i64, String) {
    let Assessed { percent, value, .. } = assess(scheme, marks).unwrap();
    (percent.unwrap(), value)
}

#[test]
fn the_published_examples_come_out_as_published() {
    let scheme = preset("kz-2020").unwrap();
    for (formative, section, term, percent, grade) in [
        (700, 6500, 8000, 7375, "4"),
        (500, 5500, 7000, 6125, "3"),
        (800, 7000, 8000, 7750, "4"),
        (900, 8800, 9000, 8950, "5"),
    ] {
        let marks = [
            mark(GradeKind::Formative, formative, 1000),
            mark(GradeKind::Section, section, 10_000),
            mark(GradeKind::Term, term, 10_000),
        ];
        assert_eq!(of(&scheme, &marks), (percent, grade.to_owned()));
    }
    let old = preset("kz-2016").unwrap();
    // 29 of 50 for the sections and 45 of 50 for the term.
    let marks = [mark(GradeKind::Section, 5800, 10_000), mark(GradeKind::Term, 9000, 10_000)];
    assert_eq!(of(&old, &marks), (7400, "4".to_owned()));
    // 18 of 25 are 72 %, which are 36 of 50.
    let assessed = assess(&old, &[mark(GradeKind::Term, 1800, 2500)]).unwrap();
    assert_eq!((assessed.parts[1].percent, assessed.parts[1].weight), (Some(7200), 50));
    let formative = assess(&old, &[mark(GradeKind::Formative, 1000, 1000)]);
    assert_eq!(formative, None, "formative works did not count before 2020");
}

#[test]
fn every_border_is_where_the_order_puts_it() {
    let grade =
        |rounding, percent: i64| of(&with(Aggregation::Mean, rounding), &[mark(GradeKind::Term, percent, 10_000)]).1;
    for (percent, grade_rounded, grade_exact) in [
        (0, "2", "2"),
        (3900, "2", "2"),
        (3949, "2", "2"),
        (3950, "3", "2"),
        (4000, "3", "3"),
        (6449, "3", "3"),
        (6450, "4", "3"),
        (6500, "4", "4"),
        (8449, "4", "4"),
        (8450, "5", "4"),
        (8500, "5", "5"),
        (10_000, "5", "5"),
    ] {
        assert_eq!(grade(Rounding::HalfUp, percent), grade_rounded, "{percent}");
        assert_eq!(grade(Rounding::None, percent), grade_exact, "{percent} without rounding");
    }
}

#[test]
fn a_border_is_met_exactly_and_a_hair_below_it_is_below_it_and_shown_so() {
    // 64.5 and 39.5 exactly, where floats say 64.49999999999999 and 39.49999999999999.
    let summed = |formative, of_fifty| {
        let works = [GradeKind::Section, GradeKind::Term].map(|kind| mark(kind, of_fifty, 5000));
        of(&preset("kz-2020").unwrap(), &[&works[..], &[mark(GradeKind::Formative, formative, 1000)]].concat())
    };
    assert_eq!(summed(300, 3800), (6450, "4".to_owned()));
    assert_eq!(summed(200, 2300), (3950, "3".to_owned()));
    // The mean of two thirds and 37/300 is 0.395 exactly, where floats say 0.39499999999999996.
    let scheme = preset("kz-2020").unwrap();
    let exactly = [mark(GradeKind::Term, 200, 300), mark(GradeKind::Term, 3700, 30_000)];
    assert_eq!(of(&scheme, &exactly), (3950, "3".to_owned()));
    let just_below = [mark(GradeKind::Term, 200, 300), mark(GradeKind::Term, 3_699_999, 30_000_000)];
    assert_eq!(of(&scheme, &just_below), (3949, "2".to_owned()));
}

#[test]
fn calculators_differ_and_so_do_the_three_aggregations() {
    let marks = [
        mark(GradeKind::Formative, 600, 1000),
        mark(GradeKind::Formative, 900, 1000),
        mark(GradeKind::Section, 1000, 1000),
        mark(GradeKind::Section, 1000, 4000),
        mark(GradeKind::Term, 2000, 4000),
    ];
    let percent = |aggregation| of(&with(aggregation, Rounding::HalfUp), &marks).0;
    // 25 * 15/20 + 25 * (1 + 1/4)/2 + 50 * 20/40
    assert_eq!(percent(Aggregation::Mean), 5937);
    // 25 * 15/20 + 25 * 20/50 + 50 * 20/40
    assert_eq!(percent(Aggregation::Sum), 5375);
    // 50 * 35/70 + 50 * 20/40
    assert_eq!(percent(Aggregation::Pooled), 5000);
    let pooled = assess(&with(Aggregation::Pooled, Rounding::HalfUp), &marks).unwrap();
    assert_eq!(pooled.parts.iter().map(|part| (part.weight, part.count)).collect::<Vec<_>>(), [(50, 4), (50, 1)]);
}

#[test]
fn before_all_parts_exist_the_weights_count_in_proportion() {
    let scheme = preset("kz-2020").unwrap();
    let formative = mark(GradeKind::Formative, 800, 1000);
    let alone = assess(&scheme, std::slice::from_ref(&formative)).unwrap();
    assert_eq!((alone.percent, alone.complete()), (Some(8000), false));
    let two = [formative.clone(), mark(GradeKind::Section, 1200, 2000)];
    assert_eq!(of(&scheme, &two).0, 7000);
    let all = [formative, mark(GradeKind::Section, 1200, 2000), mark(GradeKind::Term, 1800, 2000)];
    assert!(assess(&scheme, &all).unwrap().complete());
    let half_year = assess(&preset("kz-2020-half-year").unwrap(), &two).unwrap();
    assert_eq!((half_year.percent, half_year.complete()), (Some(7000), true), "a half-year subject is complete");
}

#[test]
fn what_is_no_grade_is_never_a_zero() {
    let scheme = preset("kz-2020").unwrap();
    let eight = mark(GradeKind::Formative, 800, 1000);
    let comment = Mark { points: None, max_points: None, ..eight.clone() };
    let unweighed = Mark { weight: 0, points: Some(0), ..eight.clone() };
    for status in [GradeStatus::Exempt, GradeStatus::NotSubmitted, GradeStatus::NotAssessed] {
        let none = Mark { status, points: Some(0), ..eight.clone() };
        let marks = [eight.clone(), none.clone(), comment.clone(), unweighed.clone()];
        assert_eq!(of(&scheme, &marks), (8000, "4".to_owned()));
        assert_eq!(assess(&scheme, &[none]), None);
    }
    assert_eq!(assess(&scheme, &[]), None);
    assert_eq!(of(&scheme, &[Mark { max_points: None, ..eight }]).0, 8000, "formative works are out of 10");
    assert_eq!(assess(&scheme, &[Mark { max_points: None, ..mark(GradeKind::Section, 800, 1000) }]), None);
}

#[test]
fn who_missed_every_work_of_a_part_is_not_assessed_yet() {
    let scheme = preset("kz-2020").unwrap();
    let (eight, term) = (mark(GradeKind::Formative, 800, 1000), mark(GradeKind::Term, 800, 1000));
    let missed = Mark { status: GradeStatus::NotAssessed, points: None, ..term.clone() };
    let settled = |marks: &[Mark]| settle(&scheme, marks);
    assert_eq!(settled(&[eight.clone(), missed.clone()]), Some(Settled::Without(GradeStatus::NotAssessed)));
    assert!(matches!(settled(&[eight.clone(), missed, term]), Some(Settled::Graded(_))), "made up later");
    let exempt = Mark { status: GradeStatus::Exempt, points: None, ..eight.clone() };
    assert_eq!(settled(&[exempt.clone(), exempt.clone()]), Some(Settled::Without(GradeStatus::Exempt)));
    assert!(matches!(settled(&[exempt, eight]), Some(Settled::Graded(_))));
    assert_eq!(settled(&[]), None);
}

#[test]
fn grades_without_points_are_averaged_on_any_scale() {
    for (scheme, values, mean, grade) in [
        ("mean-2-5", ["4", "5"], 450, "5"),
        ("mean-1-5", ["1", "4"], 250, "3"),
        ("mean-1-5-down", ["1", "2"], 150, "1"),
        ("mean-1-6", ["5", "6"], 550, "6"),
        ("mean-1-6-down", ["2", "5"], 350, "3"),
        ("mean-1-10", ["7", "8"], 750, "8"),
        ("mean-1-12", ["11", "12"], 1150, "12"),
        ("mean-0-20", ["0", "19"], 950, "10"),
        ("mean-letters", ["A-", "B+"], 350, "A-"),
        ("mean-letters", ["F", "b"], 150, "C-"),
        ("mean-percent", ["84", "85"], 8450, "85"),
        ("mean-words", ["Хорошо", "өте жақсы"], 450, "excellent"),
        ("pass-fail", ["зачёт", "есептелмеді"], 50, "pass"),
    ] {
        let marks: Vec<Mark> = values.iter().map(|value| valued(value, 100)).collect();
        let assessed = assess(&preset(scheme).unwrap(), &marks).unwrap();
        assert_eq!((assessed.mean, assessed.value.as_str()), (Some(mean), grade), "{scheme}");
        assert_eq!(assessed.percent, None);
    }
    let weighed = assess(&preset("mean-2-5").unwrap(), &[valued("4", 100), valued("5", 300), valued("н/а", 900)]);
    assert_eq!(weighed.unwrap().mean, Some(475));
    let scheme = preset("mean-2-5").unwrap();
    assert_eq!(assess(&scheme, &[valued("9", 100), valued("4.5", 100), valued("жақсы", 100)]), None);
}

#[test]
fn without_rounding_a_symbol_is_given_when_it_is_wholly_reached() {
    let mut scheme = preset("mean-2-5").unwrap();
    scheme.scale.rounding = Rounding::None;
    let mean = |low, high| assess(&scheme, &[valued("4", low), valued("5", high)]).unwrap().value;
    assert_eq!((mean(1, 99), mean(0, 1)), ("4".to_owned(), "5".to_owned()));
    scheme.scale.step = serde_json::from_str("\"0.5\"").unwrap();
    assert_eq!(assess(&scheme, &[valued("4.5", 100)]).unwrap().mean, Some(450), "a step allows halves");
}

const KINDS: [GradeKind; 6] =
    [GradeKind::Formative, GradeKind::Section, GradeKind::Term, GradeKind::Homework, GradeKind::Exam, GradeKind::Other];
const STATES: [GradeStatus; 6] = [
    GradeStatus::Graded,
    GradeStatus::Graded,
    GradeStatus::Graded,
    GradeStatus::Exempt,
    GradeStatus::NotSubmitted,
    GradeStatus::NotAssessed,
];

fn any_mark() -> impl Strategy<Value = Mark> {
    let points = (1_i64..6000).prop_flat_map(|most| (0..=most, Just(most)));
    (prop::sample::select(&KINDS), prop::sample::select(&STATES), points, 0_i64..400, 0_usize..14).prop_map(
        |(kind, status, (points, most), weight, value)| Mark {
            kind,
            status,
            value: Some(value.to_string()),
            points: Some(points),
            max_points: Some(most),
            weight,
        },
    )
}

fn any_points_scheme() -> impl Strategy<Value = Scheme> {
    let aggregation = prop::sample::select(&[Aggregation::Mean, Aggregation::Sum, Aggregation::Pooled]);
    let rounding = prop::sample::select(&[Rounding::HalfUp, Rounding::None]);
    (prop::sample::select(&["kz-2020", "kz-2020-half-year", "kz-2016"]), aggregation, rounding)
        .prop_map(|(name, aggregation, rounding)| Scheme { aggregation, rounding, ..preset(name).unwrap() })
}

fn any_scheme() -> impl Strategy<Value = Scheme> {
    prop_oneof![any_points_scheme(), prop::sample::select(PRESETS).prop_map(|name| preset(name).unwrap())]
}

/// Where a result stands: the place of its symbol on the scale, and its percent or mean, turned so that more is better.
fn standing(scheme: &Scheme, assessed: &Assessed) -> (usize, i64) {
    let place = scheme.scale.symbols.iter().position(|symbol| symbol.symbol == assessed.value).unwrap();
    let number = assessed.percent.or(assessed.mean).unwrap();
    (place, if scheme.scale.direction == domain::assessment::Direction::Down { -number } else { number })
}

/// A fraction in whole numbers, for a reckoning that shares nothing with the engine's.
#[derive(Clone, Copy)]
struct Fraction(u128, u128);

impl Fraction {
    fn plus(self, other: Self) -> Self {
        let (mut a, mut b) = (self.1, other.1);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        Self(self.0 * (other.1 / a) + other.0 * (self.1 / a), self.1 / a * other.1)
    }
}

/// `25 mean(f)/10 + 25 mean(s/m) + 50 q/Q` in plain fractions: percent in hundredths, and the grade.
fn by_hand(formative: &[u128], sections: &[(u128, u128)], term: (u128, u128)) -> (i64, &'static str) {
    let add = |sum: Fraction, part: Fraction| sum.plus(part);
    let count = |list: usize| u128::try_from(list).unwrap();
    let start = Fraction(50 * term.0, term.1);
    let sum = formative.iter().map(|f| Fraction(25 * f, 10 * count(formative.len()))).fold(start, add);
    let sum = sections.iter().map(|(s, m)| Fraction(25 * s, m * count(sections.len()))).fold(sum, add);
    let grade = match (2 * sum.0 + sum.1) / (2 * sum.1) {
        0..=39 => "2",
        40..=64 => "3",
        65..=84 => "4",
        _ => "5",
    };
    (i64::try_from(100 * sum.0 / sum.1).unwrap(), grade)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_grades_changes_nothing(
        scheme in any_scheme(),
        (before, after) in prop::collection::vec(any_mark(), 0..12).prop_flat_map(|marks| (Just(marks.clone()), Just(marks).prop_shuffle())),
    ) {
        prop_assert_eq!(assess(&scheme, &before), assess(&scheme, &after));
        prop_assert_eq!(settle(&scheme, &before), settle(&scheme, &after));
    }

    #[test]
    fn a_better_grade_never_lowers_anything(
        scheme in any_scheme(),
        mut marks in prop::collection::vec(any_mark(), 1..12),
        which in any::<Index>(),
        better in any::<Index>(),
    ) {
        let before = assess(&scheme, &marks);
        let mark = which.get_mut(&mut marks);
        let (points, most) = (mark.points.unwrap(), mark.max_points.unwrap());
        mark.points = Some(points + i64::try_from(better.index(usize::try_from(most - points + 1).unwrap())).unwrap());
        let place = mark.value.as_ref().and_then(|value| scheme.scale.symbols.iter().position(|symbol| symbol.is(value)));
        if let Some(place) = place {
            let above = &scheme.scale.symbols[place..];
            mark.value = Some(above[better.index(above.len())].symbol.clone());
        }
        if let (Some(before), Some(after)) = (before, assess(&scheme, &marks)) {
            let (before, after) = (standing(&scheme, &before), standing(&scheme, &after));
            prop_assert!(after.0 >= before.0 && after.1 >= before.1, "{before:?} {after:?}");
        }
    }

    #[test]
    fn a_result_is_within_its_bounds_and_on_its_scale(scheme in any_scheme(), marks in prop::collection::vec(any_mark(), 0..12)) {
        let Some(assessed) = assess(&scheme, &marks) else { return Ok(()) };
        prop_assert!(scheme.scale.find(&assessed.value).is_some());
        for percent in assessed.parts.iter().filter_map(|part| part.percent).chain(assessed.percent) {
            prop_assert!((0..=10_000).contains(&percent));
        }
        let graded = marks.iter().filter(|mark| mark.status == GradeStatus::Graded).count();
        prop_assert!(assessed.parts.iter().map(|part| part.count).sum::<usize>() <= graded);
        if let Some(mean) = assessed.mean {
            let numbers = scheme.scale.symbols.iter().map(|symbol| symbol.number.0);
            prop_assert!(numbers.clone().min() <= Some(mean) && Some(mean) <= numbers.max());
        }
    }

    #[test]
    fn all_is_all_and_nothing_is_nothing(scheme in any_points_scheme(), mut marks in prop::collection::vec(any_mark(), 1..12)) {
        for (share, percent, grade) in [(1, 10_000, "5"), (0, 0, "2")] {
            for mark in &mut marks {
                mark.points = mark.max_points.map(|most| most * share);
            }
            if let Some(assessed) = assess(&scheme, &marks) {
                prop_assert_eq!((assessed.percent, assessed.value.as_str()), (Some(percent), grade));
            }
        }
    }

    #[test]
    fn the_percent_is_what_plain_fractions_say(
        formative in prop::collection::vec(1_u128..=10, 1..15),
        sections in prop::collection::vec((7_u128..=50).prop_flat_map(|most| (0..=most, Just(most))), 1..4),
        term in (7_u128..=50).prop_flat_map(|most| (0..=most, Just(most))),
    ) {
        let points = |points: u128| i64::try_from(points * 100).unwrap();
        let mut marks: Vec<Mark> = formative.iter().map(|f| mark(GradeKind::Formative, points(*f), 1000)).collect();
        marks.extend(sections.iter().map(|(s, m)| mark(GradeKind::Section, points(*s), points(*m))));
        marks.push(mark(GradeKind::Term, points(term.0), points(term.1)));
        let (percent, grade) = by_hand(&formative, &sections, term);
        prop_assert_eq!(of(&preset("kz-2020").unwrap(), &marks), (percent, grade.to_owned()));
    }
}
