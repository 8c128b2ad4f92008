//! Rows about what a diary does not keep: log-ins elsewhere, books and sites, aims of lessons. Their shape and what they point
//! at are checked, and they are counted as skipped.

use super::check::{Links, Loss, Reading, Row};
use super::files::File;
use super::table::Cells;
use crate::report::{Flaw, Refusal};

macro_rules! aside {
    ($($row:ident = $file:ident { $($column:literal in $into:ident),* })*) => {
        $(
            struct $row {
                sourced_id: String,
                points_at: Vec<(&'static str, File, String)>,
            }

            impl Row for $row {
                const FILE: File = File::$file;

                fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
                    let columns: &[(&'static str, File)] = &[$(($column, File::$into)),*];
                    let mut points_at = Vec::with_capacity(columns.len());
                    for (column, into) in columns {
                        points_at.extend(cells.maybe_id(column)?.map(|id| (*column, *into, id)));
                    }
                    Ok(Self { sourced_id: cells.id("sourcedId")?, points_at })
                }

                fn key(&self) -> Option<&str> {
                    Some(&self.sourced_id)
                }

                fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
                    self.points_at.iter().try_for_each(|(column, into, id)| links.must(*into, column, id))
                }
            }
        )*

        /// Checks all such files.
        pub(crate) fn check(reading: &mut Reading<'_>) -> Result<(), Refusal> {
            $(reading.check(|_: &$row| 0)?;)*
            Ok(())
        }
    };
}

aside! {
    UserProfile = UserProfiles { "userSourcedId" in Users }
    Resource = Resources {}
    CourseResource = CourseResources { "courseSourcedId" in Courses, "resourceSourcedId" in Resources }
    ClassResource = ClassResources { "classSourcedId" in Classes, "resourceSourcedId" in Resources }
    UserResource = UserResources { "userSourcedId" in Users, "resourceSourcedId" in Resources }
    LineItemObjective = LineItemLearningObjectiveIds { "lineItemSourcedId" in LineItems }
    ResultObjective = ResultLearningObjectiveIds { "resultSourcedId" in Results }
}
