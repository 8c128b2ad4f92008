//! The demo's logins: each opened by an invitation, accepted by the person, like anybody's.

use chrono::{Days, NaiveDate, NaiveDateTime};
use domain::access::{self, Bearer};
use domain::accounts::{Login as Name, Newcomer, passwords};
use domain::db::Db;
use domain::invitations::{self, Invited};
use domain::sessions::{self, Device, Tokens};
use domain::types::{AccountId, ChildId, FullName, Language, Platform, Role, SchoolId, Sex};
use domain::{homework, intake, secrets};

use super::calendar::Calendar;
use super::cast::{self, Parent};
use super::roster::{Pupil, Roster, Teacher};
use super::{Login, cast::AIGUL};

/// Somebody about to sign up.
struct Person<'a> {
    login: &'a str,
    name: FullName,
    birth_date: Option<NaiveDate>,
    sex: Sex,
    language: Language,
}

/// The head of the school, who has the school admin's login.
pub fn head() -> intake::Staff {
    intake::Staff {
        external_id: "t-head".to_owned(), name: cast::full_name(("Сәуле", "Қасымова", "Маратқызы"))
    }
}

/// Makes accounts as of `now` (UTC).
pub struct Accounts<'a> {
    pub db: &'a Db,
    pub now: NaiveDateTime,
}

impl Accounts<'_> {
    pub fn guardian(
        &self,
        school: SchoolId,
        parent: &Parent,
        children: Vec<i64>,
    ) -> anyhow::Result<(Login, AccountId)> {
        let (year, month, day) = parent.birth_date;
        let person = Person {
            login: parent.key,
            name: cast::full_name(parent.name),
            birth_date: NaiveDate::from_ymd_opt(year, month, day),
            sex: Sex::Female,
            language: parent.language,
        };
        self.make(school, &Invited::Guardian(parent.number()), &person, children)
    }

    pub fn student(&self, school: SchoolId, pupil: &Pupil, child: i64) -> anyhow::Result<Login> {
        let person = Person {
            login: "student",
            name: pupil.name.clone(),
            birth_date: pupil.birth_date,
            sex: pupil.sex,
            language: Language::Ru,
        };
        Ok(self.make(school, &Invited::Student(pupil.number.clone()), &person, vec![child])?.0)
    }

    pub fn teacher(&self, school: SchoolId, teacher: &Teacher) -> anyhow::Result<Login> {
        let person = Person {
            login: "teacher",
            name: teacher.name.clone(),
            birth_date: NaiveDate::from_ymd_opt(1986, 10, 5),
            sex: Sex::Female,
            language: Language::Kk,
        };
        Ok(self.make(school, &Invited::Staff(teacher.number.clone(), Role::Teacher), &person, Vec::new())?.0)
    }

    pub fn admin(&self, school: SchoolId) -> anyhow::Result<Login> {
        let head = head();
        let person = Person {
            login: "admin",
            name: head.name,
            birth_date: NaiveDate::from_ymd_opt(1975, 1, 22),
            sex: Sex::Female,
            language: Language::Kk,
        };
        Ok(self.make(school, &Invited::Staff(head.external_id, Role::SchoolAdmin), &person, Vec::new())?.0)
    }

    /// The accounts of other parents, who agree to things and are never signed in by anybody: nobody knows their password.
    #[cfg(feature = "rating")]
    pub fn families(&self, school: SchoolId, mates: &[super::Classmate]) -> anyhow::Result<Vec<AccountId>> {
        let password_hash = passwords::hash_here(&password())?;
        let join = |mate: &super::Classmate| {
            let (number, name) = &mate.parent;
            let newcomer = Newcomer {
                login: Name::parse(&format!("parent-{}", mate.child))?,
                password_hash: password_hash.clone(),
                role: Role::Guardian,
                name: name.clone(),
                birth_date: None,
                sex: Some(Sex::Female),
                language: Language::Kk,
                email: None,
            };
            Ok(self.join(school, &Invited::Guardian(number.clone()), &newcomer)?.0)
        };
        mates.iter().map(join).collect()
    }

    fn make(
        &self,
        school: SchoolId,
        who: &Invited,
        person: &Person,
        child_ids: Vec<i64>,
    ) -> anyhow::Result<(Login, AccountId)> {
        let password = password();
        passwords::check("/password", &password, &[person.login, &person.name.first, &person.name.last])?;
        let newcomer = Newcomer {
            login: Name::parse(person.login)?,
            password_hash: passwords::hash_here(&password)?,
            role: Role::Guardian,
            name: person.name.clone(),
            birth_date: person.birth_date,
            sex: Some(person.sex),
            language: person.language,
            email: None,
        };
        let (account, role) = self.join(school, who, &newcomer)?;
        Ok((Login { role, login: person.login.to_owned(), password, child_ids }, account))
    }

    fn join(&self, school: SchoolId, who: &Invited, newcomer: &Newcomer) -> anyhow::Result<(AccountId, Role)> {
        let (now, code) = (self.now, self.invite(school, who)?);
        Ok(self.db.write_children_here(
            |conn| invitations::scope(conn, &code, now),
            |conn, touch| invitations::accept(conn, touch, &code, newcomer, now),
        )?)
    }

    fn invite(&self, school: SchoolId, who: &Invited) -> anyhow::Result<String> {
        let code = secrets::code();
        self.db.write_here(|conn| invitations::open(conn, school, who, &code, self.now))?;
        Ok(code)
    }

    /// Signs a guardian in; [`Self::sign_out`] ends it.
    pub fn sign_in(&self, account: AccountId) -> anyhow::Result<Bearer> {
        let (tokens, now) = (Tokens::fresh(), self.now);
        let device = Device { name: "demo".to_owned(), platform: Platform::Web };
        self.db.write_here(|conn| sessions::open(conn, (account, Role::Guardian), &device, &tokens, now))?;
        Ok(Bearer::new(&tokens.access, now))
    }

    pub fn sign_out(&self, bearer: &Bearer) -> anyhow::Result<()> {
        Ok(self.db.write_here(|conn| {
            let viewer = access::viewer(conn, bearer)?;
            sessions::sign_out(conn, &viewer, viewer.session())
        })?)
    }

    /// Links the first guardian's child in another school to her account.
    pub fn link(&self, bearer: &Bearer, school: SchoolId) -> anyhow::Result<()> {
        let (now, code) = (self.now, self.invite(school, &Invited::Guardian(AIGUL.number()))?);
        self.db.write_children_here(
            |conn| invitations::scope(conn, &code, now),
            |conn, touch| {
                let viewer = access::viewer(conn, bearer)?;
                invitations::link(conn, touch, &code, &viewer)
            },
        )?;
        Ok(())
    }

    /// Ticks most of a child's homework of the weeks that are shown; what is left of it is overdue. Of what is due next,
    /// some is done early.
    pub fn tick(&self, bearer: &Bearer, child: ChildId, calendar: &Calendar) -> anyhow::Result<()> {
        let (from, today) = (calendar.shown.0, calendar.today());
        Ok(self.db.write_children_here(
            |_| Ok(vec![child].into()),
            |conn, touch| {
                let access = access::child(conn, bearer, child)?;
                let due = homework::due(conn, &access, from, today + Days::new(7))?;
                for (nth, work) in due.into_iter().enumerate() {
                    let done = if work.due_on < today { nth % 6 != 5 } else { nth % 4 == 0 };
                    if done {
                        homework::set_done(conn, touch, &access, work.id, true)?;
                    }
                }
                Ok(())
            },
        )?)
    }
}

/// Twelve random letters in groups of four: 60 bits, and easy to type.
fn password() -> String {
    let code = secrets::code().to_lowercase();
    code.split('-').take(3).collect::<Vec<_>>().join("-")
}

/// The homeroom teacher of the first child's class.
pub fn first_homeroom_teacher(roster: &Roster, year: i32) -> Option<&Teacher> {
    let class = roster.classes.iter().find(|class| class.cohort == 0 && class.year == year)?;
    let number = class.homeroom_teacher.as_ref()?;
    roster.teachers.iter().find(|teacher| teacher.number == *number).map(AsRef::as_ref)
}
