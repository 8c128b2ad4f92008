//! What a school grades by, and the results its closings froze.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::files::{insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Fault, Page, Ref, Row, Target, Written};
use crate::Result;
use crate::assessment::{Assessed, Scheme};
use crate::db::Conn;
use crate::schema::{grading_schemes, results, scheme_choices};
use crate::types::{GradeStatus, Names, PeriodGradeKind, SchoolId, Source};

/// The version of the format that brought these files.
const SINCE: u32 = 2;

row! {
    /// A version of a scheme the school wrote.
    GradingScheme of grading_schemes in school_id {
        external_id "externalId": Cell,
        name "name": Cell,
        version "version": i32,
        body "body": Cell,
        created_at "createdAt": NaiveDateTime,
    }
}

row! {
    /// What is graded by which scheme.
    SchemeChoice of scheme_choices in school_id {
        external_id "externalId": Cell,
        school_year "schoolYear": i32,
        subject_id "subjectExternalId": Option<Ref> => Subjects,
        level "level": Option<i32>,
        scheme "scheme": Cell,
    }
}

row! {
    /// A frozen result; percent in hundredths.
    FrozenResult of results in school_id {
        child_id "studentExternalId": Ref => Students,
        subject_id "subjectExternalId": Ref => Subjects,
        period_id "periodExternalId": Ref => Periods,
        kind "kind": PeriodGradeKind,
        source "source": Source,
        status "status": GradeStatus,
        value "value": Option<Cell>,
        names "names": Option<Cell>,
        percent "percent": Option<i64>,
        scheme "scheme": Option<Cell>,
        scheme_version "schemeVersion": Option<i32>,
        detail "detail": Option<Cell>,
        frozen_at "frozenAt": NaiveDateTime,
    }
}

kept_by_id!(GradingScheme of grading_schemes, "grading_schemes.csv", since SINCE, checked by GradingScheme::readable);
kept_by_id!(SchemeChoice of scheme_choices, "scheme_choices.csv", since SINCE);

impl GradingScheme {
    fn readable(&self) -> Result<(), Fault> {
        let rule = "body must be a grading scheme as JSON";
        Scheme::parse(self.body.as_str()).map(drop).map_err(|_| Fault { column: "body", rule })
    }
}

impl Row for FrozenResult {
    shape!("results.csv", None);
    const SINCE: u32 = SINCE;

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        use crate::types::Word;
        take(&[
            "student, period, subject, kind, source and moment",
            self.child_id.key.as_str(),
            self.period_id.key.as_str(),
            self.subject_id.key.as_str(),
            self.kind.as_str(),
            self.source.as_str(),
            &self.frozen_at.to_string(),
        ]);
    }

    fn check(&self) -> Result<(), Fault> {
        let (names, detail) = (self.names.as_ref(), self.detail.as_ref());
        if names.is_some_and(|names| serde_json::from_str::<Names>(names.as_str()).is_err()) {
            return Err(Fault { column: "names", rule: "names must be a JSON object of texts by language" });
        }
        if detail.is_some_and(|detail| serde_json::from_str::<Assessed>(detail.as_str()).is_err()) {
            return Err(Fault { column: "detail", rule: "detail must say as JSON how the result came about" });
        }
        Ok(())
    }

    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        page_of!(conn, results, school, after)
    }

    fn write(conn: &mut Conn, target: Target, mut rows: Vec<Self>) -> Result<Written> {
        for row in &mut rows {
            row.school_id = target.school;
        }
        insert_new!(conn, results, rows)
    }
}
