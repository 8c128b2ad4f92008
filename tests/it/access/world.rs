//! Two schools with everybody who could ask for a child's diary, and where each child's own things are.

use domain::access::{self, Bearer};
use domain::db::Db;
use domain::imports::{self, Manner};
use domain::intake::{self, Outcome};
use domain::invitations::Invited;
use domain::types::{AttendanceStatus, ChildId, GradeStatus, ImportId, ImportKind, PeriodGradeKind, Role};
use support::app::{App, noon};
use support::school::{School, SignedIn, day, name};

use crate::storage::number;

/// Somebody who asks, and the children whose diary is theirs to read.
pub struct Principal {
    pub name: &'static str,
    pub who: SignedIn,
    pub sees: Vec<ChildId>,
}

/// The school «bir» with the siblings `p1`, `p2`, their classmate `p3` and `p4` of another class; the school «eki».
pub struct World {
    pub bir: School,
    pub eki: School,
    pub classmate: ChildId,
    pub principals: Vec<Principal>,
    /// Tokens of journals with all scopes, of «bir» and of «eki».
    pub journal: String,
    pub other_journal: String,
}

/// Every scope but the one that opens closed periods.
const SCOPES: &str = "roster journal news read";

/// A child nobody has.
pub const NOBODY: i64 = 9;

impl World {
    pub fn make(app: &App) -> Self {
        let db = &app.state.db;
        let (bir, eki) = (School::make(db, "bir"), School::make(db, "eki"));
        let classmate = more_pupils(db, &bir);
        let (journal, other_journal) = (bir.journal(db, SCOPES), eki.journal(db, SCOPES));
        for (school, token) in [(&bir, &journal), (&eki, &other_journal)] {
            assert_eq!(import(db, school, token).0, school.id.0);
        }
        let mut world = Self { bir, eki, classmate, principals: Vec::new(), journal, other_journal };
        world.invite_all(db);
        world
    }

    fn invite_all(&mut self, db: &Db) {
        let (bir, eki) = (&self.bir, &self.eki);
        let [first, second] = [bir.children[0], bir.children[1]];
        let mut all = Vec::new();
        let mut add = |name, who, sees: &[ChildId]| all.push(Principal { name, who, sees: sees.to_vec() });
        add("guardian", bir.guardian(db, "g1"), &[first, second]);
        add("the other parent of the second child", bir.guardian(db, "g2"), &[second]);
        add("stranger", bir.guardian(db, "g3"), &[self.classmate]);
        add("guardian of another school", eki.guardian(db, "g1"), &eki.children);
        add("revoked guardian", bir.guardian(db, "g4"), &[]);
        bir.put(db, &[guardian("g4", &[])]);
        let student = |school: &School, number: &str| school.account(db, &Invited::Student(number.to_owned()));
        add("student", student(bir, "p1"), &[first]);
        add("classmate student", student(bir, "p3"), &[self.classmate]);
        let staff = |number: &str, role| bir.account(db, &Invited::Staff(number.to_owned(), role));
        add("teacher", staff("t1", Role::Teacher), &[]);
        add("school admin", staff("a1", Role::SchoolAdmin), &[]);
        self.principals = all;
    }

    /// The mother of the siblings.
    pub fn guardian(&self) -> &SignedIn {
        &self.principals[0].who
    }

    /// Who the mother's questions are compared with: every child there is, and one there is not.
    pub fn children(&self) -> [(&'static str, ChildId); 5] {
        [
            ("own", self.bir.children[0]),
            ("sibling", self.bir.children[1]),
            ("classmate", self.classmate),
            ("other school's", self.eki.children[0]),
            ("nonexistent", ChildId(NOBODY)),
        ]
    }

    /// The first grade of a child; of nobody, the mother's own child's.
    pub fn grade_of(&self, db: &Db, child: ChildId) -> i64 {
        let (school, number, student, value) = match child {
            _ if child == self.bir.children[1] => (&self.bir, "e2", "p2", "3"),
            _ if child == self.classmate => (&self.bir, "e3", "p3", "10"),
            _ if child == self.eki.children[0] => (&self.eki, "e1", "p1", "8"),
            _ => (&self.bir, "e1", "p1", "8"),
        };
        only(&school.put(db, &[school.grade(number, student, value)]))
    }

    /// A lesson-bound piece of homework of a child's class; of nobody, the mother's own child's.
    pub fn homework_of(&self, db: &Db, child: ChildId) -> i64 {
        let school = if self.eki.children.contains(&child) { &self.eki } else { &self.bir };
        only(&school.put(db, &[homework("h1", "alg7", Some("l3"), "2026-11-18")]))
    }

    /// Algebra and the second quarter of a child's school; of nobody, of the mother's own child's.
    pub fn subject_and_period_of(&self, db: &Db, child: ChildId) -> (i64, i64) {
        let school = if self.eki.children.contains(&child) { self.eki.id.0 } else { self.bir.id.0 };
        let id = |table: &str, key: &str| {
            number(
                db,
                &format!("SELECT id AS number FROM {table} WHERE school_id = {school} AND external_id = '{key}'"),
            )
        };
        (id("subjects", "alg"), id("periods", "2"))
    }

    /// A piece of homework only the other class has.
    pub fn homework_elsewhere(&self, db: &Db) -> i64 {
        only(&self.bir.put(db, &[homework("h9", "alg7b", None, "2026-11-18")]))
    }
}

/// An import a journal sent in and nobody has carried out.
fn import(db: &Db, school: &School, token: &str) -> ImportId {
    let bearer = Bearer::new(token, noon());
    let manner = Manner { kind: ImportKind::Oneroster, dry_run: true, allow_shrink: false };
    db.write_here(|conn| {
        let access = access::school(conn, &bearer, school.id)?;
        imports::open(conn, &access, manner)
    })
    .unwrap()
}

/// The id of the one item written.
pub fn only(outcomes: &[Outcome]) -> i64 {
    match outcomes {
        [Outcome::Created(id) | Outcome::Updated(id) | Outcome::Unchanged(id)] => *id,
        other => panic!("{other:?}"),
    }
}

/// The guardian `number`, the mother of these and no other children.
pub fn guardian(number: &str, wards: &[&str]) -> intake::Guardian {
    let ward = |student: &&str| intake::Ward { student: (*student).to_owned(), relation: "mother".to_owned() };
    intake::Guardian {
        external_id: number.to_owned(),
        name: name("Айгүл", "Омарова"),
        email: None,
        wards: wards.iter().map(ward).collect(),
    }
}

pub fn homework(number: &str, course: &str, lesson: Option<&str>, due: &str) -> intake::Homework {
    intake::Homework {
        external_id: number.to_owned(),
        course: course.to_owned(),
        lesson: lesson.map(str::to_owned),
        assigned_on: day("2026-11-12"),
        due_on: day(due),
        text: "№ 214, 215".to_owned(),
        files: None,
    }
}

/// A classmate with a guardian of her own, a pupil of another class, and a guardian to be revoked.
fn more_pupils(db: &Db, school: &School) -> ChildId {
    let pupil = |number: &str, first| intake::Student {
        external_id: number.to_owned(),
        name: name(first, "Сәтбаева"),
        birth_date: None,
        sex: None,
        starts_on: day("2026-09-01"),
    };
    let classmate = only(&school.put(db, &[pupil("p3", "Жанар")]));
    school.put(db, &[pupil("p4", "Мадина")]);
    school.put(db, &[guardian("g3", &["p3"]), guardian("g4", &["p1", "p2", "p3"])]);
    let class = intake::ClassGroup {
        external_id: "7b".to_owned(),
        school_year: 2026,
        level: Some(7),
        name: "7 Б".to_owned(),
        shift: 1,
        language: domain::types::Language::Ru,
        homeroom_teacher: None,
    };
    school.put(db, &[class]);
    let course = intake::Course {
        external_id: "alg7b".to_owned(),
        school_year: 2026,
        subject: "alg".to_owned(),
        class_group: Some("7b".to_owned()),
        teacher: Some("t1".to_owned()),
        name: "alg 7 Б".to_owned(),
        subgroup: None,
    };
    school.put(db, &[course]);
    let member = |course: &str, student: &str| intake::CourseMember {
        external_id: format!("{course}-{student}"),
        course: course.to_owned(),
        student: student.to_owned(),
        starts_on: day("2026-09-01"),
        ends_on: None,
    };
    school.put(db, &[member("alg7", "p3"), member("kaz7", "p3"), member("alg7b", "p4")]);
    marks(db, school);
    ChildId(classmate)
}

/// What the classmate got, so that her diary is worth stealing.
fn marks(db: &Db, school: &School) {
    school.put(db, &[school.grade("e3", "p3", "10")]);
    let late = intake::Attendance {
        external_id: "n3".to_owned(),
        student: "p3".to_owned(),
        lesson: "l2".to_owned(),
        status: AttendanceStatus::Ill,
        minutes_late: None,
        comment: None,
    };
    school.put(db, &[late]);
    let set = intake::PeriodGrade {
        external_id: "q3".to_owned(),
        student: "p3".to_owned(),
        subject: "alg".to_owned(),
        period: "1".to_owned(),
        kind: PeriodGradeKind::Period,
        status: GradeStatus::Graded,
        value: Some("4".to_owned()),
        percent: Some(7100),
    };
    school.put(db, &[set]);
}
