//! One school of the demo, written whole: who is there, what happens there.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use domain::db::Db;
use domain::intake::{Assessment, Grade};
use domain::schools::{self as domain_schools, NewSchool};
use domain::types::SchoolId;

use super::absences::{self, Absences};
use super::calendar::Calendar;
use super::dice::Dice;
use super::lessons::{self, Lesson};
use super::marks::{self, Mark};
use super::roster::Roster;
use super::schools::{self, Plan};
use super::writing::{Journal, ZONE};
use super::{changes, homework, report_card, showcase, writing_roster};

/// A school that has been written.
pub struct Written {
    pub id: SchoolId,
    pub roster: Roster,
    /// The database's ids of the pupils, by the school's numbers.
    pub children: HashMap<String, i64>,
}

/// Works are announced this many days ahead.
const ANNOUNCED: Days = Days::new(45);

pub fn write(
    db: &Db,
    plan: &Plan,
    calendar: &Calendar,
    seed: u64,
    now: NaiveDateTime,
    progress: &dyn Fn(&str),
) -> anyhow::Result<Written> {
    let school = NewSchool {
        name: plan.name.to_owned(),
        time_zone: ZONE,
        languages: plan.languages.to_vec(),
        days_off: calendar.days_off.clone(),
    };
    let id = db.write_here(|conn| domain_schools::create(conn, &school, now))?;
    let journal = Journal { db, school: id, now };
    progress(&format!("{}: pupils, teachers, classes", plan.name));
    let roster = Roster::of(plan, calendar, seed);
    let children = writing_roster::write(&journal, &roster, calendar)?;
    let mut timetable = Timetable::of(&roster, calendar);
    let mut dice = Dice::new(seed, &format!("{} days {}", plan.key, calendar.today()));
    changes::happen(&mut timetable.lessons, &roster.teachers, calendar, &mut dice);
    progress(&format!("{}: {} lessons", plan.name, timetable.lessons.len()));
    write_days(&journal, &roster, &timetable, calendar, &mut dice, progress)?;
    progress(&format!("{}: report cards", plan.name));
    for class in &roster.classes {
        journal.put(&report_card::of_class(class, calendar, &mut dice))?;
    }
    Ok(Written { id, roster, children })
}

/// The lessons that are written, class by class, and the works announced.
struct Timetable {
    lessons: Vec<Lesson>,
    works: Vec<Rc<Assessment>>,
    /// How often in ten thousand a pupil gets a grade at a lesson without a written work, by class.
    often: HashMap<String, i64>,
}

impl Timetable {
    fn of(roster: &Roster, calendar: &Calendar) -> Self {
        let bells = schools::bells();
        let mut all = Self { lessons: Vec::new(), works: Vec::new(), often: HashMap::new() };
        for class in &roster.classes {
            let (lessons, works) = lessons::of_class(class, calendar, &bells);
            all.often.insert(class.external_id.clone(), often(&lessons));
            all.lessons.extend(lessons.into_iter().filter(|lesson| calendar.shows(lesson.row.date)));
            all.works.extend(works.into_iter().filter(|work| {
                calendar.from <= work.date && (calendar.whole || work.date <= calendar.today() + ANNOUNCED)
            }));
        }
        all
    }
}

/// What is left of the year's grades after the written works, over the lessons that have none.
fn often(lessons: &[Lesson]) -> i64 {
    let own = lessons.iter().filter(|lesson| lesson.course.subgroup != Some(2));
    let (written, other): (Vec<&Lesson>, Vec<&Lesson>) = own.partition(|lesson| lesson.work.is_some());
    let count = |lessons: Vec<&Lesson>| i64::try_from(lessons.len()).unwrap_or(0);
    // Some lessons are cancelled, some pupils are away.
    let lost = 102;
    ((marks::A_YEAR - count(written)).max(0) * 100 * lost).checked_div(count(other)).unwrap_or(0)
}

fn write_days(
    journal: &Journal,
    roster: &Roster,
    timetable: &Timetable,
    calendar: &Calendar,
    dice: &mut Dice,
    progress: &dyn Fn(&str),
) -> anyhow::Result<()> {
    let lessons = &timetable.lessons;
    let given = homework::given(lessons, calendar, dice);
    let mut away = absences::noted(lessons, &roster.pupils, calendar, dice);
    let shown = show(lessons, roster, calendar, &mut away);
    journal.put(&lessons.iter().map(|lesson| lesson.row.clone()).collect::<Vec<_>>())?;
    journal.put(&timetable.announced(calendar))?;
    for week in given.chunk_by(|a, b| a.assigned_on.week(Weekday::Mon) == b.assigned_on.week(Weekday::Mon)) {
        let Some(last) = week.last() else { continue };
        journal.put_at(week, last.assigned_on.and_time(evening()))?;
    }
    journal.put(&away.rows)?;
    write_marks(journal, timetable, &away, shown, calendar, dice, progress)
}

/// Writes the first child's absences down and gives its grades by day.
fn show(
    lessons: &[Lesson],
    roster: &Roster,
    calendar: &Calendar,
    away: &mut Absences,
) -> HashMap<NaiveDate, Vec<Mark>> {
    let mut by_day: HashMap<NaiveDate, Vec<Mark>> = HashMap::new();
    for pupil in roster.pupils.iter().filter(|pupil| pupil.shown) {
        let days = showcase::days(lessons, pupil, calendar);
        showcase::absences(&days, pupil, away);
        for mark in showcase::marks(&days, pupil, away) {
            by_day.entry(mark.grade.graded_on).or_default().push(mark);
        }
    }
    by_day
}

/// Writes the grades day by day, each in the evening of its day; what is corrected, in the evening after.
fn write_marks(
    journal: &Journal,
    timetable: &Timetable,
    away: &Absences,
    mut shown: HashMap<NaiveDate, Vec<Mark>>,
    calendar: &Calendar,
    dice: &mut Dice,
    progress: &dyn Fn(&str),
) -> anyhow::Result<()> {
    let mut lessons: Vec<&Lesson> = timetable.lessons.iter().filter(|lesson| lesson.took_place(calendar)).collect();
    lessons.sort_by_key(|lesson| lesson.row.date);
    let mut later: Vec<Grade> = Vec::new();
    let mut month = 0;
    for day in lessons.chunk_by(|a, b| a.row.date == b.row.date) {
        let Some(date) = day.first().map(|lesson| lesson.row.date) else { continue };
        if date.month() != month {
            month = date.month();
            progress(&format!("grades of {}", date.format("%Y-%m")));
        }
        let mut marks = shown.remove(&date).unwrap_or_default();
        for lesson in day {
            let often = timetable.often.get(&lesson.class.external_id).copied().unwrap_or_default();
            marks.extend(marks::of_lesson(lesson, away, often, dice));
        }
        let corrected = std::mem::take(&mut later);
        let first = marks.into_iter().map(|mark| {
            later.extend(mark.later);
            mark.grade
        });
        let grades: Vec<Grade> = first.chain(corrected).collect();
        journal.put_at(&grades, date.and_time(evening()))?;
    }
    journal.put(&later)?;
    Ok(())
}

/// After the last lesson of the second shift.
fn evening() -> NaiveTime {
    NaiveTime::from_hms_opt(19, 40, 0).unwrap_or_default()
}

impl Timetable {
    /// The works as the journal announces them; one whose lesson is not written yet names only its day.
    fn announced(&self, calendar: &Calendar) -> Vec<Assessment> {
        let lesson = |work: &Assessment| work.lesson.clone().filter(|_| calendar.shows(work.date));
        self.works.iter().map(|work| Assessment { lesson: lesson(work), ..Assessment::clone(work) }).collect()
    }
}
