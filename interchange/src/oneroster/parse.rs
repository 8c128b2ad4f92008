//! From cells to rows: which cells each kind of row needs and what else the row refers to.

use super::check::{Links, Loss, Row};
use super::files::{File, Version};
use super::rows::{
    AcademicSession, Category, Class, ClassKind, Course, Demographics, Enrollment, LineItem, Org, OrgKind,
    Relationship, ResultRow, RoleKind, RoleRow, User,
};
use super::table::Cells;
use super::words::{ScoreStatus, Word};
use crate::report::Flaw;

/// An end before its beginning.
fn in_order<T: PartialOrd>(
    cells: &Cells<'_>,
    column: &'static str,
    first: Option<T>,
    last: Option<T>,
) -> Result<(), Flaw> {
    match (first, last) {
        (Some(first), Some(last)) if last < first => {
            Err(cells.flaw(column, "the end lies before the beginning", "Swap the two or correct one"))
        }
        _ => Ok(()),
    }
}

impl Row for Org {
    const FILE: File = File::Orgs;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        // School Data Sync knows some thirty kinds of organisation; which is not a school matters, the rest does not.
        let foreign = cells.version().is_sds() && cells.raw("type").is_some_and(|word| OrgKind::read(word).is_none());
        Ok(Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            name: cells.text("name")?,
            kind: if foreign { OrgKind::Other } else { cells.word("type")? },
            identifier: cells.maybe_text("identifier")?,
            parent: cells.maybe_id("parentSourcedId")?,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, _: &mut Links<'_, '_>) -> Result<(), Loss> {
        Ok(())
    }
}

impl Row for AcademicSession {
    const FILE: File = File::AcademicSessions;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let (start, end) = (cells.date("startDate")?, cells.date("endDate")?);
        in_order(cells, "endDate", Some(start), Some(end))?;
        let year = |text: &str| text.parse::<i32>().ok().filter(|year| (1900..2200).contains(year));
        let school_year = match cells.raw("schoolYear") {
            None => None,
            Some(text) => Some(
                year(text)
                    .ok_or_else(|| cells.flaw("schoolYear", "this is no year", "Write four digits, like 2026"))?,
            ),
        };
        Ok(Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            title: cells.text("title")?,
            kind: cells.word("type")?,
            start,
            end,
            parent: cells.maybe_id("parentSourcedId")?,
            school_year,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, _: &mut Links<'_, '_>) -> Result<(), Loss> {
        Ok(())
    }
}

impl Row for Course {
    const FILE: File = File::Courses;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        Ok(Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            title: cells.text("title")?,
            code: cells.maybe_text("courseCode")?,
            school_year: cells.maybe_id("schoolYearSourcedId")?,
            org: cells.maybe_id("orgSourcedId")?,
            grades: cells.list("grades")?,
            subjects: cells.list("subjects")?,
            subject_codes: cells.list("subjectCodes")?,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.may(File::AcademicSessions, "schoolYearSourcedId", &mut self.school_year);
        links.may(File::Orgs, "orgSourcedId", &mut self.org);
        Ok(())
    }
}

impl Row for Class {
    const FILE: File = File::Classes;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let kind = if cells.version().is_sds() {
            cells.maybe_word("classType")?.unwrap_or(ClassKind::Scheduled)
        } else {
            cells.word("classType")?
        };
        Ok(Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            title: cells.text("title")?,
            kind,
            code: cells.maybe_text("classCode")?,
            course: cells.maybe_id("courseSourcedId")?,
            school: cells.id("schoolSourcedId")?,
            terms: cells.ids("termSourcedIds")?,
            grades: cells.list("grades")?,
            subjects: cells.list("subjects")?,
            subject_codes: cells.list("subjectCodes")?,
            periods: cells.list("periods")?,
            location: cells.maybe_text("location")?,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::Orgs, "schoolSourcedId", &self.school)?;
        links.may(File::Courses, "courseSourcedId", &mut self.course);
        let needed = !links.version().is_sds();
        links.some(File::AcademicSessions, "termSourcedIds", &mut self.terms, needed)
    }
}

impl Row for User {
    const FILE: File = File::Users;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let has_role = matches!(cells.version(), Version::V1p1 | Version::Sds2);
        Ok(Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            enabled: cells.maybe_flag("enabledUser")?.unwrap_or(true),
            role: if has_role { Some(cells.word("role")?) } else { None },
            orgs: cells.ids("orgSourcedIds")?,
            primary_org: cells.maybe_id("primaryOrgSourcedId")?,
            username: cells.maybe_text("username")?,
            given_name: cells.text("givenName")?,
            family_name: cells.text("familyName")?,
            middle_name: cells.maybe_text("middleName")?,
            preferred_given_name: cells.maybe_text("preferredGivenName")?,
            preferred_middle_name: cells.maybe_text("preferredMiddleName")?,
            preferred_family_name: cells.maybe_text("preferredFamilyName")?,
            identifier: cells.maybe_text("identifier")?,
            email: cells.maybe_text("email")?,
            phone: cells.maybe_text("phone")?,
            agents: cells.ids("agentSourcedIds")?,
            grades: cells.list("grades")?,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        let needed = matches!(links.version(), Version::V1p1 | Version::Sds2);
        links.some(File::Orgs, "orgSourcedIds", &mut self.orgs, needed)?;
        links.may(File::Orgs, "primaryOrgSourcedId", &mut self.primary_org);
        Ok(())
    }
}

impl Row for RoleRow {
    const FILE: File = File::Roles;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let (begin, end) = (cells.maybe_date("beginDate")?, cells.maybe_date("endDate")?);
        in_order(cells, "endDate", begin, end)?;
        let by_flag = match cells.maybe_flag("isPrimary")? {
            Some(false) => RoleKind::Secondary,
            _ => RoleKind::Primary,
        };
        Ok(Self {
            line: cells.line,
            sourced_id: if cells.version().is_sds() { None } else { Some(cells.id("sourcedId")?) },
            user: cells.id("userSourcedId")?,
            org: cells.id("orgSourcedId")?,
            role: cells.word("role")?,
            kind: cells.maybe_word("roleType")?.unwrap_or(by_flag),
            begin,
            end,
            session: cells.maybe_id("sessionSourcedId")?,
            grade: cells.maybe_text("grade")?,
        })
    }

    fn key(&self) -> Option<&str> {
        self.sourced_id.as_deref()
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::Users, "userSourcedId", &self.user)?;
        links.must(File::Orgs, "orgSourcedId", &self.org)?;
        links.may(File::AcademicSessions, "sessionSourcedId", &mut self.session);
        Ok(())
    }
}

impl Row for Enrollment {
    const FILE: File = File::Enrollments;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let (class, user) = (cells.id("classSourcedId")?, cells.id("userSourcedId")?);
        let (begin, end) = (cells.maybe_date("beginDate")?, cells.maybe_date("endDate")?);
        in_order(cells, "endDate", begin, end)?;
        let sourced_id = if cells.version().is_sds() { format!("{class}/{user}") } else { cells.id("sourcedId")? };
        Ok(Self {
            line: cells.line,
            sourced_id,
            class,
            user,
            role: cells.word("role")?,
            primary: cells.maybe_flag("primary")?,
            begin,
            end,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::Classes, "classSourcedId", &self.class)?;
        links.must(File::Users, "userSourcedId", &self.user)
    }
}

impl Row for Demographics {
    const FILE: File = File::Demographics;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        Ok(Self {
            line: cells.line,
            user: cells.id("sourcedId")?,
            birth_date: cells.maybe_date("birthDate")?,
            sex: cells.maybe_word("sex")?,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.user)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::Users, "sourcedId", &self.user)
    }
}

impl Row for Category {
    const FILE: File = File::Categories;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let weight = cells.maybe_number("weight")?;
        if weight.is_some_and(|weight| weight.0 < 0) {
            return Err(cells.flaw("weight", "the weight is negative", "Write a percentage of 0 or more"));
        }
        Ok(Self { line: cells.line, sourced_id: cells.id("sourcedId")?, title: cells.text("title")?, weight })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, _: &mut Links<'_, '_>) -> Result<(), Loss> {
        Ok(())
    }
}

impl Row for Relationship {
    const FILE: File = File::Relationships;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        Ok(Self {
            line: cells.line,
            child: cells.id("userSourcedId")?,
            contact: cells.id("relationshipUserSourcedId")?,
            kind: cells.word("relationshipRole")?,
        })
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::Users, "userSourcedId", &self.child)?;
        links.must(File::Users, "relationshipUserSourcedId", &self.contact)
    }
}

impl Row for LineItem {
    const FILE: File = File::LineItems;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let (min, max) = (cells.maybe_number("resultValueMin")?, cells.maybe_number("resultValueMax")?);
        in_order(cells, "resultValueMax", min, max)?;
        Ok(Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            title: cells.text("title")?,
            description: cells.comment("description")?,
            assigned: cells.date("assignDate")?,
            due: cells.date("dueDate")?,
            class: cells.id("classSourcedId")?,
            category: cells.id("categorySourcedId")?,
            session: cells.maybe_id("academicSessionSourcedId")?,
            school: cells.maybe_id("schoolSourcedId")?,
            score_scale: cells.maybe_id("scoreScaleSourcedId")?,
            min,
            max,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::Classes, "classSourcedId", &self.class)?;
        links.must(File::Categories, "categorySourcedId", &self.category)?;
        links.may(File::AcademicSessions, "academicSessionSourcedId", &mut self.session);
        links.may(File::Orgs, "schoolSourcedId", &mut self.school);
        links.may(File::ScoreScales, "scoreScaleSourcedId", &mut self.score_scale);
        Ok(())
    }
}

impl Row for ResultRow {
    const FILE: File = File::Results;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        let flag = |name| Ok::<_, Flaw>(cells.maybe_flag(name)?.unwrap_or(false));
        let row = Self {
            line: cells.line,
            sourced_id: cells.id("sourcedId")?,
            line_item: cells.id("lineItemSourcedId")?,
            student: cells.id("studentSourcedId")?,
            status: cells.word("scoreStatus")?,
            score: cells.maybe_number("score")?,
            text_score: cells.maybe_text("textScore")?,
            date: cells.date("scoreDate")?,
            comment: cells.comment("comment")?,
            in_progress: flag("inProgress")?,
            incomplete: flag("incomplete")?,
            late: flag("late")?,
            missing: flag("missing")?,
        };
        let silent = row.score.is_none()
            && (cells.version() == Version::V1p1 || row.text_score.is_none() && row.comment.is_none());
        if row.status == ScoreStatus::FullyGraded && silent {
            return Err(cells.flaw(
                "score",
                "a fully graded result has no score",
                "Write the score or another scoreStatus",
            ));
        }
        Ok(row)
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.must(File::LineItems, "lineItemSourcedId", &self.line_item)?;
        links.must(File::Users, "studentSourcedId", &self.student)
    }
}
