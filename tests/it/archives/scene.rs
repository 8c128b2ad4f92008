//! A school in which everything happened that an archive must keep.

use chrono::NaiveDateTime;
use domain::access::{self, Bearer};
use domain::alerts::windows;
use domain::assessment::{Rounding, Scheme, preset};
use domain::closing;
use domain::db::{Conn, Db, Touch};
use domain::intake::{self, Writer};
use domain::schemes::{self, Choice};
use domain::timetable::Change;
use domain::types::{AlertKind, LessonStatus, StaffId};

use support::app::noon;
use support::school::{School, day, name, time};

use crate::storage::{execute, number};

/// Texts that are easily lost on the way.
pub const AWKWARD: [&str; 12] = [
    "",
    "=HYPERLINK(\"http://example.org\")",
    "+7 701 000 00 00",
    "-5",
    "@everybody",
    "'quoted",
    "''",
    "\tindented",
    "one\r\ntwo\nthree",
    "\rback",
    "«Ә», \"ғ\", қ; ң",
    " spaces around ",
];

fn at(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// The school of the harness with corrections, removed grades, substitutions, guardianships that ended, a pupil who came
/// back, and awkward texts wherever a text may stand.
pub fn eventful(db: &Db, prefix: &str) -> School {
    let school = School::make(db, prefix);
    people(db, &school);
    lessons(db, &school);
    grades(db, &school);
    closing(db, &school);
    files(db, &school);
    windows(db, &school);
    school
}

/// Windows of its own: grades are told at once.
fn windows(db: &Db, school: &School) {
    let bearer = Bearer::new(&school.journal(db, "journal"), noon());
    let chosen = [(AlertKind::Grade, 0), (AlertKind::ReportCard, 3600)].into();
    let choose = |conn: &mut Conn| {
        let access = access::school(conn, &bearer, school.id)?;
        windows::choose(conn, &access, &chosen)
    };
    db.write_here(choose).unwrap();
}

/// Homework with two files, the later one first: one of three parts, one whose base64 begins like a formula.
fn files(db: &Db, school: &School) {
    let bearer = Bearer::new(&school.journal(db, "journal"), noon());
    let bytes: Vec<u8> = (0..600_000_u32).map(|place| place.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
    let send = |conn: &mut Conn| {
        let access = access::school(conn, &bearer, school.id)?;
        let mut ids = Vec::new();
        for (name, bytes) in [("=1+1.pdf", bytes.as_slice()), ("Ә.png", &[0xf8, 0, 1])] {
            let id = domain::files::begin(conn, &access, name, "image/png")?;
            for (part, bytes) in (0..).zip(bytes.chunks(domain::files::PART)) {
                domain::files::keep(conn, id, part, bytes)?;
            }
            ids.insert(0, domain::files::finish(conn, id, "0f", bearer.now())?.id);
        }
        Ok((intake::writer(&access), ids))
    };
    let (writer, ids) = db.write_here(send).unwrap();
    let homework = intake::Homework {
        external_id: "x-files".to_owned(),
        course: "alg7".to_owned(),
        lesson: None,
        assigned_on: day("2026-11-16"),
        due_on: day("2026-11-20"),
        text: "two files".to_owned(),
        files: Some(ids),
    };
    intake::put(db, writer, &[homework]).unwrap();
    // Keys are random: two such schools must be the same.
    execute(db, &format!("UPDATE files SET external_id = name WHERE school_id = {}", school.id.0));
}

/// A scheme of the school's own in two versions, a choice, and a quarter closed, opened and closed again.
fn closing(db: &Db, school: &School) {
    let early = intake::Grade { lesson: None, graded_on: day("2026-09-14"), ..school.grade("c1", "p1", "9") };
    school.put(db, &[early]);
    let own = preset("kz-2020").unwrap();
    let without_rounding = Scheme { rounding: Rounding::None, ..own.clone() };
    let mut writer = Writer {
        school: school.id,
        staff: None,
        client: None,
        now: at("2026-11-18T13:00:00.25"),
        reopen: false,
        baseline: false,
    };
    let write = |work: &dyn Fn(&mut Conn, &mut Touch) -> domain::Result<()>| {
        db.write_children_here(|_| Ok(schemes::scope(school.id)), |conn, touch| work(conn, touch)).unwrap();
    };
    for scheme in [own, without_rounding] {
        write(&|conn, touch| schemes::put(conn, touch, writer, "Біздің", &scheme.to_json()).map(drop));
    }
    let choice = |subject: Option<&str>, level| Choice {
        school_year: 2026,
        subject: subject.map(str::to_owned),
        level,
        scheme: "Біздің".to_owned(),
    };
    for choice in [choice(Some("alg"), None), choice(None, Some(7))] {
        write(&|conn, touch| schemes::choose(conn, touch, writer, &choice));
    }
    let first = db.read_here(|conn| closing::find(conn, school.id, "1")).unwrap().id;
    closing::close(db, writer, first).unwrap();
    let lock = |conn: &mut Conn| closing::scope(conn, school.id, first);
    assert!(db.write_children_here(lock, |conn, touch| closing::reopen(conn, touch, writer, first)).unwrap());
    writer.now = at("2026-11-18T14:00:00.123456");
    closing::close(db, writer, first).unwrap();
}

fn people(db: &Db, school: &School) {
    let guardian = |number: &str, wards: &[&str]| intake::Guardian {
        external_id: number.to_owned(),
        name: name("Айгүл", "=Омарова"),
        email: (number == "g3").then(|| "aigul@example.org".to_owned()),
        wards: wards
            .iter()
            .map(|ward| intake::Ward { student: (*ward).to_owned(), relation: "aunt".to_owned() })
            .collect(),
    };
    school.put(db, &[guardian("g3", &["p1", "p2"])]);
    school.put_at(db, at("2026-11-18T08:00:00.123456"), &[guardian("g3", &["p2"])]);
    school.put_at(db, at("2026-11-18T09:00:00"), &[guardian("g3", &["p1", "p2"])]);
    let pupil = intake::Student {
        external_id: "=p3".to_owned(),
        name: domain::types::FullName {
            first: "Нұрлан".to_owned(),
            last: "O'Neill".to_owned(),
            middle: Some(String::new()),
        },
        birth_date: None,
        sex: None,
        starts_on: day("2025-09-01"),
    };
    school.put(db, &[pupil]);
    let bell = intake::Bell {
        external_id: "b1".to_owned(),
        shift: 1,
        number: 1,
        starts_at: time("08:00"),
        ends_at: time("08:45"),
    };
    school.put(db, &[bell]);
    // Nothing writes this yet: a pupil who left and came back.
    let id = school.id.0;
    execute(db, &format!("UPDATE enrolments SET ends_on = '2025-12-30' WHERE external_id = 'p1' AND school_id = {id}"));
    let again = format!(
        "INSERT INTO enrolments (school_id, external_id, child_id, starts_on) VALUES ({id}, '0-p1', {}, '2026-02-01')",
        school.children[0].0
    );
    execute(db, &again);
}

fn lessons(db: &Db, school: &School) {
    let lesson = |place: usize, text: &str| intake::Lesson {
        external_id: format!("'x{place}"),
        course: "kaz7".to_owned(),
        date: day("2026-11-19"),
        number: i32::try_from(place).unwrap() + 1,
        starts_at: time("10:00"),
        ends_at: time("10:45"),
        teacher: place.is_multiple_of(2).then(|| "t1".to_owned()),
        room: place.is_multiple_of(3).then(|| text.to_owned()),
        topic: Some(text.to_owned()),
        status: if place == 1 { LessonStatus::Substituted } else { LessonStatus::Held },
        change: (place == 1).then(|| Change {
            reason: Some("ауырды, \"болмады\"".to_owned()),
            previous_teacher: Some("Ким".to_owned()),
            previous_room: None,
            previous_starts_at: Some("09:00".to_owned()),
        }),
    };
    let lessons: Vec<_> = AWKWARD.iter().enumerate().map(|(place, text)| lesson(place, text)).collect();
    school.put(db, &lessons);
    let homework = |(place, text): (usize, &&str)| intake::Homework {
        external_id: format!("x{place}"),
        course: "alg7".to_owned(),
        lesson: None,
        assigned_on: day("2026-11-16"),
        due_on: day("2026-11-20"),
        text: (*text).to_owned(),
        files: None,
    };
    school.put(db, &AWKWARD.iter().enumerate().map(homework).collect::<Vec<_>>());
    let work = |key: &str| {
        number(
            db,
            &format!("SELECT id AS number FROM homework WHERE school_id = {} AND external_id = '{key}'", school.id.0),
        )
    };
    // The second child first: ticks are kept by child, not by when they were made.
    for (child, key) in [(1, "x3"), (0, "x5"), (0, "h1"), (1, "h1")] {
        let (child, work) = (school.children[child].0, work(key));
        let tick = format!(
            "INSERT INTO homework_done (child_id, homework_id, done_at) VALUES ({child}, {work}, '2026-11-18 15:00:00.5')"
        );
        execute(db, &tick);
    }
}

fn grades(db: &Db, school: &School) {
    let with = |number: &str, value: &str, comment: Option<&str>| intake::Grade {
        comment: comment.map(str::to_owned),
        ..school.grade(number, "p1", value)
    };
    let all: Vec<_> =
        AWKWARD.iter().enumerate().map(|(place, text)| with(&format!("a{place}"), "7", Some(text))).collect();
    school.put(db, &all);
    school.put_at(db, at("2026-11-18T10:00:00"), &[with("a1", "8", None), with("a2", "9", Some("=1+1"))]);
    let removed = intake::Grade { removed: true, ..with("a1", "8", None) };
    school.put_at(db, at("2026-11-18T11:00:00"), &[removed]);
    let teacher = number(db, &format!("SELECT min(id) AS number FROM staff WHERE school_id = {}", school.id.0));
    let writer = Writer {
        school: school.id,
        staff: Some(StaffId(teacher)),
        client: None,
        now: at("2026-11-18T12:00:00"),
        reopen: false,
        baseline: false,
    };
    intake::put(db, writer, &[with("a3", "10", Some(""))]).unwrap();
}

/// So many grades that a restore can be killed among them.
pub fn crowded(db: &Db, school: &School, grades: usize) {
    let grade = |place: usize| intake::Grade { ..school.grade(&format!("many{place}"), "p2", "7") };
    school.put(db, &(0..grades).map(grade).collect::<Vec<_>>());
}
