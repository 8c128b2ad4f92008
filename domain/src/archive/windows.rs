//! The settle windows a school chose.

use diesel::prelude::*;

use super::files::{insert_new, row, shape};
use super::{Fault, Page, Row, Target, Written};
use crate::Result;
use crate::alerts::windows::{LONGEST, settles};
use crate::db::{Conn, on_backend};
use crate::schema::settle_windows;
use crate::types::{AlertKind, SchoolId, Word as _};

row! {
    /// How many seconds families are not told of a kind of news.
    SettleWindow of settle_windows in school_id {
        kind "kind": AlertKind,
        seconds "seconds": i32,
    }
}

impl Row for SettleWindow {
    shape!("settle_windows.csv", None);
    const SINCE: u32 = 4;

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["kind", self.kind.as_str()]);
    }

    fn check(&self) -> Result<(), Fault> {
        if !settles(self.kind) {
            return Err(Fault { column: "kind", rule: "no window holds back this kind" });
        }
        if !(0..=LONGEST).contains(&self.seconds) {
            return Err(Fault { column: "seconds", rule: "a window is 0 to 3600 seconds" });
        }
        Ok(())
    }

    /// A handful of rows, by their kinds.
    fn page(conn: &mut Conn, school: SchoolId, _: i64) -> Result<Page<Self>> {
        let query = settle_windows::table.filter(settle_windows::school_id.eq(school)).order(settle_windows::kind);
        let rows = on_backend!(conn => query.select(Self::as_select()).load(conn))?;
        Ok(Page { rows, next: None })
    }

    fn write(conn: &mut Conn, target: Target, mut rows: Vec<Self>) -> Result<Written> {
        for row in &mut rows {
            row.school_id = target.school;
        }
        insert_new!(conn, settle_windows, rows)
    }
}
