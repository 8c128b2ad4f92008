//! Small schools with real data in every collection, written through the same door as a journal's.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use domain::accounts::{Login, Newcomer, passwords};
use domain::clients::{self, Credentials, NewClient, Scopes};
use domain::db::Db;
use domain::intake::{self, Item, Outcome, Writer};
use domain::invitations::{self, Invited};
use domain::schools::{self, NewSchool};
use domain::secrets;
use domain::sessions::{self, Device, Tokens};
use domain::types::{
    AttendanceStatus, ChildId, DayOff, FullName, GradeKind, GradeStatus, Language, LessonStatus, Names,
    PeriodGradeKind, PeriodKind, Platform, Role, SchoolId, Sex,
};

use crate::app::noon;

/// The password of every account made here.
pub const PASSWORD: &str = "жылқы аспан терезе";

/// A school with one class «7 Ә» of two pupils (numbers `p1`, `p2`), one teacher `t1`, an administrator `a1`, and guardians:
/// `g1` of `p1` and `p2`, `g2` of `p2` alone. `prefix` keeps the logins of several schools apart.
pub struct School {
    pub id: SchoolId,
    pub children: Vec<ChildId>,
    pub prefix: String,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub login: String,
    pub token: String,
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").unwrap()
}

pub fn name(first: &str, last: &str) -> FullName {
    FullName { first: first.to_owned(), last: last.to_owned(), middle: None }
}

impl School {
    /// Makes the school and everything in it; nobody has an account yet.
    pub fn make(db: &Db, prefix: &str) -> Self {
        let day_off = DayOff {
            from: day("2026-12-16"),
            to: day("2026-12-16"),
            names: Names::of("Тәуелсіздік күні", "День независимости", "Independence Day"),
        };
        let school = NewSchool {
            name: format!("{prefix} мектебі"),
            time_zone: chrono_tz::Asia::Almaty,
            languages: vec![Language::Kk, Language::Ru],
            days_off: vec![day_off],
        };
        let id = db.write_here(|conn| schools::create(conn, &school, noon())).unwrap();
        let mut made = Self { id, children: Vec::new(), prefix: prefix.to_owned() };
        made.people(db);
        made.courses(db);
        made.week(db);
        made
    }

    /// Writes items as the school's journal does; every one must be taken.
    pub fn put<I: Item>(&self, db: &Db, items: &[I]) -> Vec<Outcome> {
        self.put_at(db, noon(), items)
    }

    pub fn put_at<I: Item>(&self, db: &Db, now: NaiveDateTime, items: &[I]) -> Vec<Outcome> {
        let outcomes = intake::put(db, self.writer(now), items).unwrap();
        assert!(!outcomes.iter().any(|outcome| matches!(outcome, Outcome::Rejected(_))), "{outcomes:?}");
        outcomes
    }

    /// The school's journal, writing at `now`.
    pub fn writer(&self, now: NaiveDateTime) -> Writer {
        Writer { school: self.id, staff: None, client: None, now, reopen: false, baseline: false }
    }

    fn people(&mut self, db: &Db) {
        let quarter = |number: &str, kind, from: &str, to: &str| intake::Period {
            external_id: number.to_owned(),
            kind,
            school_year: 2026,
            names: Names::of(&format!("{number} тоқсан"), &format!("{number} четверть"), &format!("Quarter {number}")),
            starts_on: day(from),
            ends_on: day(to),
        };
        self.put(
            db,
            &[
                quarter("y", PeriodKind::Year, "2026-09-01", "2027-05-25"),
                quarter("1", PeriodKind::Quarter, "2026-09-01", "2026-10-25"),
                quarter("2", PeriodKind::Quarter, "2026-11-02", "2026-12-27"),
            ],
        );
        let staff = |number: &str, name| intake::Staff { external_id: number.to_owned(), name };
        self.put(db, &[staff("t1", name("Гүлнәр", "Ахметова")), staff("a1", name("Директор", "Серікова"))]);
        let pupil = |number: &str, name| intake::Student {
            external_id: number.to_owned(),
            name,
            birth_date: Some(day("2013-05-04")),
            sex: Some(Sex::Female),
            starts_on: day("2026-09-01"),
        };
        let born = self.put(db, &[pupil("p1", name("Әсел", "Омарова")), pupil("p2", name("Дана", "Омарова"))]);
        self.children = born
            .iter()
            .map(|outcome| match outcome {
                Outcome::Created(id) => ChildId(*id),
                other => panic!("{other:?}"),
            })
            .collect();
        let ward = |student: &str| intake::Ward { student: student.to_owned(), relation: "mother".to_owned() };
        let guardian = |number: &str, wards| intake::Guardian {
            external_id: number.to_owned(),
            name: name("Айгүл", "Омарова"),
            email: None,
            wards,
        };
        self.put(db, &[guardian("g1", vec![ward("p1"), ward("p2")]), guardian("g2", vec![ward("p2")])]);
    }

    fn courses(&self, db: &Db) {
        let subject = |number: &str, kk: &str, ru: &str, en: &str| intake::Subject {
            external_id: number.to_owned(),
            names: Names::of(kk, ru, en),
        };
        self.put(
            db,
            &[
                subject("alg", "Алгебра", "Алгебра", "Algebra"),
                subject("kaz", "Қазақ тілі", "Казахский язык", "Kazakh"),
            ],
        );
        self.put(
            db,
            &[intake::ClassGroup {
                external_id: "7a".to_owned(),
                school_year: 2026,
                level: Some(7),
                name: "7 Ә".to_owned(),
                shift: 1,
                language: Language::Kk,
                homeroom_teacher: Some("t1".to_owned()),
            }],
        );
        let course = |number: &str, subject: &str| intake::Course {
            external_id: number.to_owned(),
            school_year: 2026,
            subject: subject.to_owned(),
            class_group: Some("7a".to_owned()),
            teacher: Some("t1".to_owned()),
            name: format!("{subject} 7 Ә"),
            subgroup: None,
        };
        self.put(db, &[course("alg7", "alg"), course("kaz7", "kaz")]);
        let in_class = |student: &str| intake::ClassMember {
            external_id: format!("7a-{student}"),
            class_group: "7a".to_owned(),
            student: student.to_owned(),
            starts_on: day("2026-09-01"),
            ends_on: None,
        };
        self.put(db, &[in_class("p1"), in_class("p2")]);
        let in_course = |course: &str, student: &str| intake::CourseMember {
            external_id: format!("{course}-{student}"),
            course: course.to_owned(),
            student: student.to_owned(),
            starts_on: day("2026-09-01"),
            ends_on: None,
        };
        let members =
            [in_course("alg7", "p1"), in_course("alg7", "p2"), in_course("kaz7", "p1"), in_course("kaz7", "p2")];
        self.put(db, &members);
    }

    fn week(&self, db: &Db) {
        let lesson = |number: &str, date: &str, place, course: &str| intake::Lesson {
            external_id: number.to_owned(),
            course: course.to_owned(),
            date: day(date),
            number: place,
            starts_at: time(if place == 1 { "08:00" } else { "08:55" }),
            ends_at: time(if place == 1 { "08:45" } else { "09:40" }),
            teacher: Some("t1".to_owned()),
            room: Some("204".to_owned()),
            topic: Some("Квадрат теңдеулер".to_owned()),
            status: LessonStatus::Held,
            change: None,
        };
        self.put(
            db,
            &[
                lesson("l1", "2026-11-16", 1, "alg7"),
                lesson("l2", "2026-11-16", 2, "kaz7"),
                lesson("l3", "2026-11-18", 1, "alg7"),
            ],
        );
        let homework = |number: &str, lesson: Option<&str>, due: &str| intake::Homework {
            external_id: number.to_owned(),
            course: "alg7".to_owned(),
            lesson: lesson.map(str::to_owned),
            assigned_on: day("2026-11-12"),
            due_on: day(due),
            text: "№ 214, 215".to_owned(),
            files: None,
        };
        self.put(db, &[homework("h1", Some("l3"), "2026-11-18"), homework("h2", None, "2026-11-20")]);
        self.put(
            db,
            &[intake::Assessment {
                external_id: "w1".to_owned(),
                course: "alg7".to_owned(),
                lesson: Some("l3".to_owned()),
                period: Some("2".to_owned()),
                kind: GradeKind::Section,
                title: "БЖБ 1".to_owned(),
                date: day("2026-11-18"),
                max_points: Some(2000),
                weight: 100,
            }],
        );
        self.results(db);
    }

    fn results(&self, db: &Db) {
        self.put(db, &[self.grade("e1", "p1", "8"), self.grade("e2", "p2", "3")]);
        let noted = |number: &str, student: &str| intake::Attendance {
            external_id: number.to_owned(),
            student: student.to_owned(),
            lesson: "l2".to_owned(),
            status: AttendanceStatus::Late,
            minutes_late: Some(7),
            comment: None,
        };
        self.put(db, &[noted("n1", "p1"), noted("n2", "p2")]);
        let set = |number: &str, student: &str| intake::PeriodGrade {
            external_id: number.to_owned(),
            student: student.to_owned(),
            subject: "alg".to_owned(),
            period: "1".to_owned(),
            kind: PeriodGradeKind::Period,
            status: GradeStatus::Graded,
            value: Some("5".to_owned()),
            percent: Some(8650),
        };
        self.put(db, &[set("q1", "p1"), set("q2", "p2")]);
        self.put(
            db,
            &[intake::News {
                external_id: "m1".to_owned(),
                level: None,
                class_group: Some("7a".to_owned()),
                title: Names::of("Ата-аналар жиналысы", "Родительское собрание", "Parents' evening"),
                text: Names::same("18:30, 204"),
                published_at: None,
            }],
        );
    }

    /// A formative grade of lesson `l1`, out of 10.
    pub fn grade(&self, number: &str, student: &str, value: &str) -> intake::Grade {
        intake::Grade {
            external_id: number.to_owned(),
            student: student.to_owned(),
            course: "alg7".to_owned(),
            lesson: Some("l1".to_owned()),
            assessment: None,
            kind: GradeKind::Formative,
            status: GradeStatus::Graded,
            value: Some(value.to_owned()),
            points: value.parse::<i64>().ok().map(|points| points * 100),
            max_points: Some(1000),
            weight: 100,
            comment: None,
            graded_on: day("2026-11-16"),
            removed: false,
        }
    }

    /// Invites somebody and returns the code.
    pub fn invite(&self, db: &Db, who: &Invited) -> String {
        let code = secrets::code();
        db.write_here(|conn| invitations::open(conn, self.id, who, &code, noon())).unwrap();
        code
    }

    /// Makes an account for somebody the school knows and signs in, without HTTP.
    pub fn account(&self, db: &Db, who: &Invited) -> SignedIn {
        let number = match who {
            Invited::Guardian(number) | Invited::Student(number) | Invited::Staff(number, _) => number,
        };
        let (code, login) = (self.invite(db, who), format!("{}-{number}", self.prefix).to_lowercase());
        let newcomer = Newcomer {
            login: Login::parse(&login).unwrap(),
            password_hash: password_hash(),
            role: Role::Guardian,
            name: name("Айгүл", "Омарова"),
            birth_date: Some(day("1985-01-01")),
            sex: Some(Sex::Female),
            language: Language::Kk,
            email: None,
        };
        let (tokens, device) = (Tokens::fresh(), Device { name: "test".to_owned(), platform: Platform::Web });
        db.write_children_here(
            |conn| invitations::scope(conn, &code, noon()),
            |conn, touch| {
                let owner = invitations::accept(conn, touch, &code, &newcomer, noon())?;
                sessions::open(conn, owner, &device, &tokens, noon())
            },
        )
        .unwrap();
        SignedIn { login, token: tokens.access.clone() }
    }

    /// A token of a journal of this school, made for it, without HTTP.
    pub fn journal(&self, db: &Db, scopes: &str) -> String {
        self.journal_at(db, scopes, noon())
    }

    /// As [`Self::journal`], opened at `now`: for servers that go by the clock of the system.
    pub fn journal_at(&self, db: &Db, scopes: &str, now: NaiveDateTime) -> String {
        let (key, secret, token) = (secrets::token(), secrets::token(), secrets::token());
        let scopes = Scopes::parse(scopes).unwrap();
        let client = NewClient { name: "Journal".to_owned(), schools: vec![self.id], scopes: scopes.clone() };
        let who = Credentials { key: key.clone(), secret: secret.clone(), scopes };
        db.write_here(|conn| {
            clients::add(conn, &client, (&key, &secret), now)?;
            clients::open_token(conn, &who, &token, now)
        })
        .unwrap();
        token
    }

    pub fn guardian(&self, db: &Db, number: &str) -> SignedIn {
        self.account(db, &Invited::Guardian(number.to_owned()))
    }
}

/// Hashed once: argon2 is slow on purpose.
fn password_hash() -> String {
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    HASH.get_or_init(|| passwords::hash_here(PASSWORD).unwrap()).clone()
}
