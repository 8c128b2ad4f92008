//! Results as grades.

use domain::intake;
use domain::types::GradeStatus;

use super::LoadError;
use super::origins::{lost, unknown};
use super::people::People;
use super::works::{Fate, POINTS_MAX, Work, Works};
use crate::door::{BATCH, Door, Plan, WEIGHT_MAX};
use crate::oneroster::scales::{Misfit, OnScale};
use crate::oneroster::{Bundle, File, Hundredths, ResultRow, ScoreStatus};
use crate::report::Flaw;

/// Writes the scores, never more than a batch of them in memory.
pub(super) fn write(
    door: &mut Door<'_>,
    bundle: &Bundle,
    people: &People<'_>,
    works: &mut Works,
) -> Result<(), LoadError> {
    // Without their file nothing is known of the works, and every score would pass for another school's.
    let without_works = bundle.count(File::LineItems).is_none();
    let plan = |works: &Works, row: &ResultRow| match works.fate(&row.line_item) {
        Fate::Taken(work) => grade(row, work, people, bundle),
        Fate::Unknown => Plan::Refuse(unknown("lineItemSourcedId", &row.line_item, File::LineItems)),
        Fate::Foreign if !without_works => Plan::Skip,
        Fate::Foreign => Plan::Refuse(Flaw::new(
            "lineItemSourcedId",
            &row.line_item,
            format!("it refers to nothing: {} is not part of the bundle", File::LineItems),
            format!("Export {}, too", File::LineItems),
        )),
        Fate::Rejected => Plan::Refuse(lost("lineItemSourcedId", &row.line_item, File::LineItems)),
    };
    let mut flush = |batch: &mut Vec<ResultRow>| -> Result<(), LoadError> {
        works.learn(door, batch)?;
        door.put_counted(batch.iter(), |row| plan(works, row))?;
        batch.clear();
        Ok(())
    };
    let (mut batch, mut weight) = (Vec::with_capacity(BATCH), 0);
    bundle.results(|row| -> Result<(), LoadError> {
        weight += row.comment.as_ref().map_or(0, String::len);
        batch.push(row);
        if batch.len() < BATCH && weight < WEIGHT_MAX {
            return Ok(());
        }
        weight = 0;
        flush(&mut batch)
    })?;
    flush(&mut batch)
}

fn grade(row: &ResultRow, work: &Work, people: &People<'_>, bundle: &Bundle) -> Plan<intake::Grade> {
    if !people.pupils.contains(row.student.as_str()) {
        let mend = "Give the person the role student, or correct the id";
        return Plan::Refuse(Flaw::new(
            "studentSourcedId",
            &row.student,
            "the person is no student of the school",
            mend,
        ));
    }
    if let Some(flaw) = row.score.and_then(|score| out_of_range(score, work)) {
        return Plan::Refuse(flaw);
    }
    let status = status(row);
    let graded = status == GradeStatus::Graded;
    let on = bundle.scales.of(&row.sourced_id, &row.line_item, work.scale, &work.course);
    let told = match on.filter(|_| graded).map(|on| told(row, work, on)).transpose() {
        Ok(told) => told.flatten(),
        Err(flaw) => return Plan::Refuse(flaw),
    };
    let plain = || (row.score.map(shown).or_else(|| row.text_score.clone()), row.score.map(|score| score.0));
    let (value, points) = told.map_or_else(plain, |(symbol, points)| (Some(symbol), points));
    Plan::Write(intake::Grade {
        external_id: row.sourced_id.clone(),
        student: row.student.clone(),
        course: work.course.clone(),
        lesson: None,
        assessment: Some(row.line_item.clone()),
        kind: work.kind,
        status,
        value: value.filter(|_| graded),
        points: points.filter(|_| graded),
        max_points: work.max,
        weight: work.weight,
        comment: row.comment.clone(),
        graded_on: row.date,
        removed: false,
    })
}

/// The symbol a parent reads and the points behind it. A score that does not fit on the scale it names is refused; on the only
/// scale of the class, it is read as it is.
fn told(row: &ResultRow, work: &Work, on: OnScale<'_>) -> Result<Option<(String, Option<i64>)>, Flaw> {
    let flaw = |column, value: &str, reason: &'static str, mend: &'static str| {
        if on.is_named { Err(Flaw::new(column, value, reason, mend)) } else { Ok(None) }
    };
    let score = row.score.map(|score| score.0);
    if let Some(text) = &row.text_score {
        let Some(step) = on.scale.named(text) else {
            let mend = "Write a symbol of the scale, or add this one to it";
            return flaw("textScore", text, "the scale has no such symbol", mend);
        };
        return Ok(Some((step.symbol.clone(), score.or_else(|| on.scale.points(step, work.max)))));
    }
    let Some(score) = score else { return Ok(None) };
    let shown = shown(Hundredths(score));
    match on.scale.holding(score, work.max) {
        Ok(step) => Ok(Some((step.symbol.clone(), Some(score)))),
        Err(Misfit::Gap) => {
            flaw("score", &shown, "no step of the scale holds the score", "Correct the score, or the scale")
        }
        Err(Misfit::Unit) => {
            let reason = "the scale goes up to neither resultValueMax of the line item nor 100";
            flaw("score", &shown, reason, "Correct the scale, or resultValueMax, or write the symbol as textScore")
        }
    }
}

fn out_of_range(score: Hundredths, work: &Work) -> Option<Flaw> {
    let (reason, mend) = if score.0 < 0 {
        ("the score is negative", "Write 0 or more")
    } else if work.max.is_some_and(|max| score.0 > max) {
        ("the score is above resultValueMax of its line item", "Correct one of the two")
    } else if score.0 > POINTS_MAX {
        ("no work has as many points", "Correct the score")
    } else {
        return None;
    };
    Some(Flaw::new("score", &shown(score), reason, mend))
}

/// What a score stands for. Nothing but a score or a word is a grade, and nothing that is missing is a zero.
fn status(row: &ResultRow) -> GradeStatus {
    let scored = row.score.is_some() || row.text_score.is_some();
    match row.status {
        ScoreStatus::Exempt => GradeStatus::Exempt,
        ScoreStatus::NotSubmitted => GradeStatus::NotSubmitted,
        _ if row.missing && !scored => GradeStatus::NotSubmitted,
        _ if row.incomplete || row.in_progress || !scored => GradeStatus::NotAssessed,
        ScoreStatus::FullyGraded | ScoreStatus::PartiallyGraded | ScoreStatus::Submitted => GradeStatus::Graded,
    }
}

/// A score as people write it: 9.5, 18, never 9.50.
fn shown(score: Hundredths) -> String {
    let (sign, magnitude) = (if score.0 < 0 { "-" } else { "" }, score.0.unsigned_abs());
    let text = format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: ScoreStatus, score: Option<i64>, text: Option<&str>) -> ResultRow {
        ResultRow {
            line: 2,
            sourced_id: "r".to_owned(),
            line_item: "l".to_owned(),
            student: "u".to_owned(),
            status,
            score: score.map(Hundredths),
            text_score: text.map(str::to_owned),
            date: chrono::NaiveDate::default(),
            comment: None,
            in_progress: false,
            incomplete: false,
            late: false,
            missing: false,
        }
    }

    #[test]
    fn numbers_are_shown_without_trailing_zeros() {
        let cases =
            [(0, "0"), (1, "0.01"), (950, "9.5"), (1800, "18"), (10_000, "100"), (1225, "12.25"), (-350, "-3.5")];
        for (score, text) in cases {
            assert_eq!(shown(Hundredths(score)), text);
        }
    }

    #[test]
    fn the_status_of_the_file_becomes_the_diarys() {
        use ScoreStatus as S;
        let cases = [
            (S::FullyGraded, Some(0), None, GradeStatus::Graded),
            (S::FullyGraded, None, Some("A+"), GradeStatus::Graded),
            (S::FullyGraded, None, None, GradeStatus::NotAssessed),
            (S::PartiallyGraded, Some(800), None, GradeStatus::Graded),
            (S::Submitted, Some(800), None, GradeStatus::Graded),
            (S::Submitted, None, None, GradeStatus::NotAssessed),
            (S::NotSubmitted, Some(0), None, GradeStatus::NotSubmitted),
            (S::Exempt, Some(800), None, GradeStatus::Exempt),
        ];
        for (given, score, text, expected) in cases {
            assert_eq!(status(&row(given, score, text)), expected, "{given:?} {score:?} {text:?}");
        }
    }

    #[test]
    fn unfinished_is_not_assessed_and_missing_is_not_submitted() {
        let graded = row(ScoreStatus::FullyGraded, Some(800), None);
        let incomplete = ResultRow { incomplete: true, ..graded.clone() };
        let in_progress = ResultRow { in_progress: true, ..graded.clone() };
        assert_eq!(status(&incomplete), GradeStatus::NotAssessed);
        assert_eq!(status(&in_progress), GradeStatus::NotAssessed);
        assert_eq!(status(&ResultRow { missing: true, ..graded.clone() }), GradeStatus::Graded);
        assert_eq!(status(&ResultRow { missing: true, score: None, ..graded }), GradeStatus::NotSubmitted);
    }

    #[test]
    fn a_score_lies_between_nothing_and_the_most() {
        let work =
            |max| Work { course: String::new(), kind: domain::types::GradeKind::Test, weight: 100, max, scale: None };
        assert!(out_of_range(Hundredths(1000), &work(Some(1000))).is_none());
        assert!(out_of_range(Hundredths(9999), &work(None)).is_none());
        assert!(out_of_range(Hundredths(1001), &work(Some(1000))).unwrap().reason.contains("resultValueMax"));
        assert!(out_of_range(Hundredths(-1), &work(None)).unwrap().reason.contains("negative"));
        assert!(out_of_range(Hundredths(POINTS_MAX + 1), &work(None)).is_some());
    }
}
