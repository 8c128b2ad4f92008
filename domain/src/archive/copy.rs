//! A school copied straight from one database into another, for trying things out on the copy.

use super::{Row, Target, Visit, card, each, page, restores, write};
use crate::db::{Conn, Db, Scope};
use crate::types::SchoolId;
use crate::{Error, Result};

/// Copies a school with its whole history, but nobody's account, and returns its number in `to`. What is written to `from`
/// meanwhile is not in the copy.
pub fn copy(from: &Db, school: SchoolId, to: &Db) -> Result<SchoolId> {
    from.snapshot_here(|conn| {
        let card = card(conn, school)?;
        let target = to.write_here(|conn| restores::make(conn, &card))?;
        each(&mut Copy { conn, school, to, target }, false)?;
        Ok(target.school)
    })
}

struct Copy<'a> {
    conn: &'a mut Conn,
    school: SchoolId,
    to: &'a Db,
    target: Target,
}

impl Visit for Copy<'_> {
    type Error = Error;

    fn file<R: Row>(&mut self) -> Result<()> {
        let mut after = Some(0);
        while let Some(last) = after {
            let page = page::<R>(self.conn, self.school, last)?;
            for rows in page.rows.chunks(R::AT_ONCE) {
                let nobody = |_: &mut Conn| Ok(Scope::default());
                self.to.write_children_here(nobody, |conn, _| write(conn, self.target, rows).map(drop))?;
            }
            after = page.next;
        }
        Ok(())
    }
}
