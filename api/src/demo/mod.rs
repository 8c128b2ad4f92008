//! The demo: two schools with pupils, lessons and grades around today, and logins to look at them.

mod absences;
mod accounts;
mod calendar;
mod cast;
mod changes;
mod dice;
mod homework;
mod lessons;
mod marks;
// Lists of names read better packed.
#[rustfmt::skip]
mod names;
#[cfg(feature = "rating")]
pub mod rating;
mod report_card;
mod roster;
mod school;
mod schools;
mod showcase;
mod subjects;
mod texts_humanities;
mod texts_languages;
mod texts_sciences;
mod timetable;
mod writing;
mod writing_roster;

use anyhow::Context;
use chrono::NaiveDateTime;
use domain::clients::{self, NewClient, Scopes};
use domain::db::Db;
use domain::secrets;
use domain::types::{AccountId, ChildId, FullName, Role, SchoolId};
use serde::{Deserialize, Serialize};

use accounts::Accounts;
use calendar::Calendar;
use cast::{AIGUL, CHILDREN, Parent, STRANGER};
use school::Written;

/// How much of a school is made. The same options make the same school, but for passwords and secrets.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// The pupils of the first school, 25 a class; `None` for four small classes.
    pub pupils: Option<usize>,
    /// A whole school year with its grades up to the last day, instead of the weeks around now.
    pub year: bool,
    pub seed: u64,
}

/// What is needed to look at the demo.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// The first school.
    pub school_id: i64,
    pub logins: Vec<Login>,
    pub clients: Vec<Client>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names the demo's file and output have")]
pub struct Login {
    pub role: Role,
    pub login: String,
    pub password: String,
    /// The children this login may read; the first one of the first login is the one whose diary shows everything.
    pub child_ids: Vec<i64>,
}

/// A school's journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_field_names, reason = "the names the demo's file and output have")]
pub struct Client {
    pub school_id: i64,
    pub client_id: String,
    pub client_secret: String,
    /// Divided by spaces.
    pub scopes: String,
}

/// The demo as it was made.
pub struct Made {
    pub credentials: Credentials,
    /// The first login's account.
    pub mother: AccountId,
    /// The school's number of the last period that is over, if its lessons were written.
    pub over: Option<String>,
    /// Who was in the first child's class then, the child among them.
    pub classmates: Vec<Classmate>,
}

/// A pupil of the first child's class.
#[derive(Clone)]
pub struct Classmate {
    pub child: i64,
    /// The school's number of the parent, and her name.
    pub parent: (String, FullName),
}

const SCOPES: &str = "roster journal news read";

/// Makes the demo in a database that has been migrated and has no login of the demo yet. `now` is in UTC.
pub fn build(db: &Db, options: &Options, now: NaiveDateTime, progress: &dyn Fn(&str)) -> anyhow::Result<Made> {
    let calendar = Calendar::around(writing::local(now), options.year)?;
    let plans = [schools::first(options.pupils), schools::second()];
    let write = |plan: &schools::Plan| school::write(db, plan, &calendar, options.seed, now, progress);
    let [first, second] = plans.each_ref().map(write);
    let (first, second) = (first?, second?);
    progress("accounts");
    let (logins, mother) = logins(&Accounts { db, now }, &first, &second, &calendar)?;
    let clients = [&first, &second].map(|school| client(db, school.id, now));
    let clients = clients.into_iter().collect::<anyhow::Result<Vec<_>>>()?;
    let credentials = Credentials { school_id: first.id.0, logins, clients };
    let over = over(&calendar);
    let classmates = over.as_ref().map(|(year, _)| classmates(&first, *year)).unwrap_or_default();
    Ok(Made { credentials, mother, over: over.map(|(_, term)| term), classmates })
}

/// The last term that is over: the year it is of, and its number.
fn over(calendar: &Calendar) -> Option<(i32, String)> {
    let terms = calendar.years.iter().flat_map(|year| year.terms.iter().map(|term| (year.start, term)));
    let over = terms.filter(|(_, term)| term.to < calendar.today()).max_by_key(|(_, term)| term.to)?;
    Some((over.0, over.1.external_id.clone()))
}

fn classmates(school: &Written, year: i32) -> Vec<Classmate> {
    let class = school.roster.classes.iter().find(|class| class.cohort == 0 && class.year == year);
    let pupils = class.into_iter().flat_map(|class| &class.pupils);
    let mate = |child: i64, parent: &(String, FullName)| Classmate { child, parent: parent.clone() };
    pupils.filter_map(|pupil| Some(mate(*school.children.get(&pupil.number)?, &pupil.parent))).collect()
}

fn logins(
    accounts: &Accounts,
    first: &Written,
    second: &Written,
    calendar: &Calendar,
) -> anyhow::Result<(Vec<Login>, AccountId)> {
    let schools = [("first", first), ("second", second)];
    let own = |parent: &Parent| children(&schools, parent);
    let (aigul, account) = accounts.guardian(first.id, &AIGUL, own(&AIGUL)?)?;
    let session = accounts.sign_in(account)?;
    accounts.link(&session, second.id)?;
    for child in &aigul.child_ids {
        accounts.tick(&session, ChildId(*child), calendar)?;
    }
    accounts.sign_out(&session)?;
    let (stranger, _) = accounts.guardian(first.id, &STRANGER, own(&STRANGER)?)?;
    let (_, brother) = aigul.child_ids.split_first().context("the first guardian has children")?;
    let brother = *brother.first().context("the first guardian has a second child")?;
    let pupil = first.roster.pupils.iter().find(|pupil| first.children.get(&pupil.number) == Some(&brother));
    let student = accounts.student(first.id, pupil.context("the second child is a pupil")?, brother)?;
    let year = calendar.years.last().map(|year| year.start).unwrap_or_default();
    let teacher = accounts::first_homeroom_teacher(&first.roster, year).context("the first class has a teacher")?;
    let teacher = accounts.teacher(first.id, teacher)?;
    let admin = accounts.admin(first.id)?;
    Ok((vec![aigul, stranger, student, teacher, admin], account))
}

/// The ids of a parent's children, in the order of the cast.
fn children(schools: &[(&str, &Written)], parent: &Parent) -> anyhow::Result<Vec<i64>> {
    let own = CHILDREN.iter().filter(|child| child.parent.key == parent.key);
    let id = |child: &cast::Child| {
        let (_, school) = schools.iter().find(|(key, _)| *key == child.school)?;
        let name = cast::full_name(child.name);
        let pupil = school.roster.pupils.iter().find(|pupil| pupil.cohort == child.cohort && pupil.name == name)?;
        school.children.get(&pupil.number).copied()
    };
    own.map(|child| id(child).context("a child of the cast sits in no class")).collect()
}

fn client(db: &Db, school: SchoolId, now: NaiveDateTime) -> anyhow::Result<Client> {
    let client = Client {
        school_id: school.0,
        client_id: format!("journal-{}", school.0),
        client_secret: secrets::token(),
        scopes: SCOPES.to_owned(),
    };
    let credentials = (client.client_id.as_str(), client.client_secret.as_str());
    let journal = NewClient {
        name: "Demo".to_owned(),
        schools: vec![school],
        scopes: Scopes::parse(SCOPES).map_err(anyhow::Error::msg)?,
    };
    db.write_here(|conn| clients::add(conn, &journal, credentials, now))?;
    Ok(client)
}
