//! The comparison in the demo: the first child's class has a line and its mother a subscription; the other family has none.

use ::rating::counting::{self, Answer};
use ::rating::{Rating, subscriptions};
use anyhow::Context;
use chrono::{NaiveDateTime, TimeDelta};
use domain::access::{self, Bearer};
use domain::closing;
use domain::db::Db;
use domain::intake::Writer;
use domain::secrets;
use domain::types::{AccountId, ChildId, Language, SchoolId};

use super::accounts::Accounts;
use super::cast::AIGUL;
use super::{Classmate, Made};

/// The period was closed so long ago: longer than a release waits.
const AGO: TimeDelta = TimeDelta::days(4);

/// Closes the last period that is over, has the class of the first child counted, and releases.
pub fn show(db: &Db, rating: &Rating, made: &Made, now: NaiveDateTime) -> anyhow::Result<()> {
    let Some(period) = &made.over else { return Ok(()) };
    let (school, then) = (SchoolId(made.credentials.school_id), now - AGO);
    let id = db.read_here(|conn| closing::find(conn, school, period))?.id;
    let writer = Writer { school, staff: None, client: None, now: then, reopen: false, baseline: true };
    closing::close(db, writer, id)?;
    let (own, others): (Vec<Classmate>, Vec<Classmate>) =
        made.classmates.iter().cloned().partition(|mate| mate.parent.0 == AIGUL.number());
    let accounts = Accounts { db, now };
    let families = accounts.families(school, &others)?;
    for (family, mate) in families.iter().zip(&others).chain([&made.mother].into_iter().zip(&own)) {
        let bearer = accounts.sign_in(*family)?;
        agree(db, rating, &bearer, mate, then)?;
        accounts.sign_out(&bearer)?;
    }
    subscribe(rating, made.mother, school, now)?;
    rating.release(now)?;
    Ok(())
}

/// A guardian agrees that her child is counted, in time for the release.
fn agree(db: &Db, rating: &Rating, bearer: &Bearer, mate: &Classmate, then: NaiveDateTime) -> anyhow::Result<()> {
    let right = db.read_here(|conn| access::child(conn, bearer, ChildId(mate.child)))?;
    let answer = Answer { language: Language::Kk, counted: true };
    Ok(rating.own().write_here(|conn| counting::answer(conn, &right, answer, then))?)
}

fn subscribe(rating: &Rating, account: AccountId, school: SchoolId, now: NaiveDateTime) -> anyhow::Result<()> {
    let code = secrets::code_hash(&secrets::code());
    rating.own().write_here(|conn| subscriptions::issue(conn, &code, 12, Some(school), now))?;
    let redeemed = rating.own().write_here(|conn| subscriptions::redeem(conn, account, &[school], &code, now))?;
    matches!(redeemed, subscriptions::Redeemed::Until(_)).then_some(()).context("the demo's voucher was not taken")
}
