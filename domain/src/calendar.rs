//! The calendar feed's secret address: one an account, its holder may read, nobody else; [`crate::access::calendar`] lets in.

use diesel::prelude::*;

use crate::access::Viewer;
use crate::db::Conn;
use crate::schema::calendar_feeds;
use crate::{Result, secrets};

/// Gives the viewer's feed this token; the one before is no address any more.
pub fn open(conn: &mut Conn, viewer: &Viewer, token: &str) -> Result<()> {
    close(conn, viewer)?;
    diesel::insert_into(calendar_feeds::table)
        .values((
            calendar_feeds::account_id.eq(viewer.account()),
            calendar_feeds::token_hash.eq(secrets::hash(token)),
            calendar_feeds::created_at.eq(viewer.now()),
        ))
        .execute(conn)?;
    Ok(())
}

/// Ends the viewer's feed, if there is one.
pub fn close(conn: &mut Conn, viewer: &Viewer) -> Result<()> {
    diesel::delete(calendar_feeds::table.find(viewer.account())).execute(conn)?;
    Ok(())
}
