//! Accounts that stand for people of the school, for an operator who moves it and lets families keep their log-ins.

use std::collections::{BTreeMap, HashMap};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::cells::Refs;
use super::{Cell, Fault, Page, Ref, Row, Table, Target, Written};
use crate::Result;
use crate::accounts::Login;
use crate::db::{Conn, on_backend};
use crate::schema::{accounts, children, enrolments, guardians, guardianships, staff};
use crate::types::{Language, Role, SchoolId, Sex};

/// An account with the people of the school it stands for. Never a session, never an invitation.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    login: Cell,
    password_hash: Cell,
    role: Role,
    first_name: Cell,
    last_name: Cell,
    middle_name: Option<Cell>,
    display_name: Option<Cell>,
    birth_date: Option<NaiveDate>,
    sex: Option<Sex>,
    language: Language,
    email: Option<Cell>,
    phone: Option<Cell>,
    disabled_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    #[serde(rename = "guardianExternalIds")]
    guardians: Refs,
    #[serde(rename = "studentExternalIds")]
    students: Refs,
    #[serde(rename = "staffExternalIds")]
    staff: Refs,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = accounts)]
struct AccountRow {
    login_key: Cell,
    password_hash: Cell,
    role: Role,
    first_name: Cell,
    last_name: Cell,
    middle_name: Option<Cell>,
    display_name: Option<Cell>,
    birth_date: Option<NaiveDate>,
    sex: Option<Sex>,
    language: Language,
    email: Option<Cell>,
    phone: Option<Cell>,
    disabled_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

/// Whom an account stands for: guardians, children, staff.
#[derive(Default)]
struct People {
    guardians: Refs,
    students: Refs,
    staff: Refs,
}

/// The people of the school that have accounts, by account: as many as the school has people, so they fit into memory.
fn people(conn: &mut Conn, school: SchoolId) -> Result<BTreeMap<i64, People>> {
    let mut people: BTreeMap<i64, People> = BTreeMap::new();
    let of_guardians =
        guardians::table.filter(guardians::school_id.eq(school).and(guardians::account_id.is_not_null()));
    let rows = of_guardians.order(guardians::id).select((guardians::account_id, guardians::id));
    for (account, id) in rows.load::<(Option<i64>, Ref)>(conn)? {
        people.entry(account.unwrap_or_default()).or_default().guardians.0.push(id);
    }
    let of_children = enrolments::table
        .inner_join(children::table)
        .filter(enrolments::school_id.eq(school).and(children::account_id.is_not_null()));
    let rows = of_children.order(enrolments::id).select((children::account_id, children::id));
    for (account, id) in rows.load::<(Option<i64>, Ref)>(conn)? {
        let students = &mut people.entry(account.unwrap_or_default()).or_default().students.0;
        // A child that came back has several enrolments.
        if !students.contains(&id) {
            students.push(id);
        }
    }
    let of_staff = staff::table.filter(staff::school_id.eq(school).and(staff::account_id.is_not_null()));
    for (account, id) in
        of_staff.order(staff::id).select((staff::account_id, staff::id)).load::<(Option<i64>, Ref)>(conn)?
    {
        people.entry(account.unwrap_or_default()).or_default().staff.0.push(id);
    }
    Ok(people)
}

impl Row for Account {
    const FILE: &'static str = "accounts.csv";
    const COLUMNS: &'static [&'static str] = &[
        "login",
        "passwordHash",
        "role",
        "firstName",
        "lastName",
        "middleName",
        "displayName",
        "birthDate",
        "sex",
        "language",
        "email",
        "phone",
        "disabledAt",
        "createdAt",
        "guardianExternalIds",
        "studentExternalIds",
        "staffExternalIds",
    ];
    const TABLE: Option<Table> = None;
    // Five statements each.
    const AT_ONCE: usize = 100;

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["login", self.login.as_str()]);
        for (kind, refs) in [("guardian", &self.guardians), ("student", &self.students), ("staff", &self.staff)] {
            refs.0.iter().for_each(|one| take(&[kind, one.key.as_str()]));
        }
    }

    fn refs(&mut self, see: &mut dyn FnMut(&'static str, Table, &mut Ref)) {
        self.guardians.0.iter_mut().for_each(|one| see("guardianExternalIds", Table::Guardians, one));
        self.students.0.iter_mut().for_each(|one| see("studentExternalIds", Table::Students, one));
        self.staff.0.iter_mut().for_each(|one| see("staffExternalIds", Table::Staff, one));
    }

    fn check(&self) -> Result<(), Fault> {
        if Login::parse(self.login.as_str()).map(|login| login.as_str() == self.login.as_str()).ok() != Some(true) {
            return Err(Fault {
                column: "login",
                rule: "a login has 3 to 100 characters, in lower case, without spaces",
            });
        }
        if !self.password_hash.as_str().starts_with("$argon2") {
            return Err(Fault { column: "passwordHash", rule: "only argon2 hashes are taken" });
        }
        if self.role == Role::Operator {
            return Err(Fault { column: "role", rule: "an operator's account is of no school" });
        }
        if self.guardians.0.is_empty() && self.students.0.is_empty() && self.staff.0.is_empty() {
            return Err(Fault { column: "guardianExternalIds", rule: "an account stands for somebody of the school" });
        }
        Ok(())
    }

    /// All accounts at once, in the order they were made.
    fn page(conn: &mut Conn, school: SchoolId, _: i64) -> Result<Page<Self>> {
        let mut people = people(conn, school)?;
        let ids: Vec<i64> = people.keys().copied().collect();
        let mut rows = Vec::with_capacity(ids.len());
        for ids in ids.chunks(super::BATCH) {
            let found: Vec<(i64, AccountRow)> = on_backend!(conn => accounts::table
                .filter(accounts::id.eq_any(ids).and(accounts::role.ne(Role::Operator)))
                .order(accounts::id)
                .select((accounts::id, AccountRow::as_select()))
                .load(conn))?;
            rows.extend(found.into_iter().map(|(id, row)| row.standing_for(people.remove(&id).unwrap_or_default())));
        }
        Ok(Page { rows, next: None })
    }

    fn write(conn: &mut Conn, target: Target, rows: Vec<Self>) -> Result<Written> {
        let logins: Vec<&str> = rows.iter().map(|row| row.login.as_str()).collect();
        let query =
            accounts::table.filter(accounts::login_key.eq_any(logins)).select((accounts::login_key, accounts::id));
        let there: Vec<(String, i64)> = on_backend!(conn => query.load(conn))?;
        let there: HashMap<String, i64> = there.into_iter().collect();
        let mut written = Written::default();
        for (place, row) in rows.iter().enumerate() {
            match there.get(row.login.as_str()) {
                None => {
                    row.made(conn, target)?;
                    written.created += 1;
                }
                Some(account) if row.is_tied(conn, *account)? => {}
                Some(_) => written.taken.push(place),
            }
        }
        Ok(written)
    }

    fn shown(&self) -> Option<&str> {
        Some(self.login.as_str())
    }

    fn person(&self) -> Option<(&'static str, &str)> {
        let kinds = [("guardian", &self.guardians), ("student", &self.students), ("teacher", &self.staff)];
        kinds.into_iter().find_map(|(kind, refs)| refs.0.first().map(|one| (kind, one.key.as_str())))
    }
}

impl AccountRow {
    fn standing_for(self, people: People) -> Account {
        Account {
            login: self.login_key,
            password_hash: self.password_hash,
            role: self.role,
            first_name: self.first_name,
            last_name: self.last_name,
            middle_name: self.middle_name,
            display_name: self.display_name,
            birth_date: self.birth_date,
            sex: self.sex,
            language: self.language,
            email: self.email,
            phone: self.phone,
            disabled_at: self.disabled_at,
            created_at: self.created_at,
            guardians: people.guardians,
            students: people.students,
            staff: people.staff,
        }
    }
}

fn ids(refs: &Refs) -> Vec<i64> {
    refs.0.iter().map(|one| one.id).collect()
}

impl Account {
    /// Whether an earlier run made this account: it is made together with its ties.
    fn is_tied(&self, conn: &mut Conn, account: i64) -> Result<bool> {
        let (guardian, child, member) = (ids(&self.guardians), ids(&self.students), ids(&self.staff));
        let one = guardians::table.filter(guardians::id.eq_any(guardian).and(guardians::account_id.eq(account)));
        let other = children::table.filter(children::id.eq_any(child).and(children::account_id.eq(account)));
        let third = staff::table.filter(staff::id.eq_any(member).and(staff::account_id.eq(account)));
        let tied: [i64; 3] = on_backend!(conn => [
            one.count().get_result(conn)?,
            other.count().get_result(conn)?,
            third.count().get_result(conn)?,
        ]);
        Ok(tied.iter().any(|count| *count > 0))
    }

    fn made(&self, conn: &mut Conn, target: Target) -> Result<()> {
        let insert = diesel::insert_into(accounts::table)
            .values((
                accounts::login_key.eq(&self.login),
                accounts::password_hash.eq(&self.password_hash),
                accounts::role.eq(self.role),
                accounts::first_name.eq(&self.first_name),
                accounts::last_name.eq(&self.last_name),
                accounts::middle_name.eq(&self.middle_name),
                accounts::display_name.eq(&self.display_name),
                accounts::birth_date.eq(self.birth_date),
                accounts::sex.eq(self.sex),
                accounts::language.eq(self.language),
                accounts::email.eq(&self.email),
                accounts::phone.eq(&self.phone),
                accounts::disabled_at.eq(self.disabled_at),
                accounts::created_at.eq(self.created_at),
            ))
            .returning(accounts::id);
        let account: i64 = on_backend!(conn => insert.get_result(conn))?;
        self.tie(conn, target, account)
    }

    /// Whoever was let in with a code meanwhile keeps that account.
    fn tie(&self, conn: &mut Conn, target: Target, account: i64) -> Result<()> {
        let (guardian, child, member) = (ids(&self.guardians), ids(&self.students), ids(&self.staff));
        let own = guardianships::school_id.eq(target.school);
        let of_guardian = guardians::table.filter(guardians::id.eq_any(&guardian).and(guardians::account_id.is_null()));
        let links = guardianships::table.filter(own.and(guardianships::guardian_id.eq_any(&guardian)));
        let of_child = children::table.filter(children::id.eq_any(&child).and(children::account_id.is_null()));
        let of_member = staff::table.filter(staff::id.eq_any(&member).and(staff::account_id.is_null()));
        on_backend!(conn => {
            diesel::update(of_guardian).set(guardians::account_id.eq(Some(account))).execute(conn)?;
            diesel::update(links.filter(guardianships::account_id.is_null()))
                .set(guardianships::account_id.eq(Some(account)))
                .execute(conn)?;
            diesel::update(of_child).set(children::account_id.eq(Some(account))).execute(conn)?;
            diesel::update(of_member).set(staff::account_id.eq(Some(account))).execute(conn)?;
        });
        Ok(())
    }
}
