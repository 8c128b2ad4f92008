//! The small types everything shares: ids, words of closed sets, names in several languages, JSON columns.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{BigInt, Text};
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize)]
        #[diesel(sql_type = BigInt)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl<DB: Backend> ToSql<BigInt, DB> for $name where i64: ToSql<BigInt, DB> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.0.to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<BigInt, DB> for $name where i64: FromSql<BigInt, DB> {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                i64::from_sql(bytes).map(Self)
            }
        }
    )*};
}

ids! {
    AccountId, AlertId, AssessmentId, ChildId, ClassGroupId, ClientId, CourseId, DeliveryId, DeviceId, EventId, FileId,
    GradeId, GuardianId, HomeworkId, ImportId, LessonId, NewsId, PeriodId, SchoolId, SessionId, StaffId, SubjectId,
}

/// A word of a closed set, as the database, the API and the files spell it.
pub trait Word: Copy + Sized + 'static {
    /// What the set is called.
    const NAME: &'static str;
    /// Every word of the set.
    const ALL: &'static [Self];
    /// The word as it is written.
    fn as_str(self) -> &'static str;
    /// The word that is written so.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.as_str() == text)
    }
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, AsExpression, FromSqlRow, Serialize, Deserialize)]
        #[diesel(sql_type = Text)]
        pub enum $name { $(#[serde(rename = $text)] $variant),* }

        impl Word for $name {
            const NAME: &'static str = stringify!($name);
            const ALL: &'static [Self] = &[$(Self::$variant),*];
            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),* }
            }
        }

        impl<DB: Backend> ToSql<Text, DB> for $name where str: ToSql<Text, DB> {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
                self.as_str().to_sql(out)
            }
        }

        impl<DB: Backend> FromSql<Text, DB> for $name where String: FromSql<Text, DB> {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                let text = String::from_sql(bytes)?;
                Self::parse(&text).ok_or_else(|| format!("{} has no word {text:?}", stringify!($name)).into())
            }
        }
    )*};
}

words! {
    /// Whom an account stands for.
    Role { Guardian = "guardian", Student = "student", Teacher = "teacher", SchoolAdmin = "school-admin", Operator = "operator" }
    /// The languages the diary speaks to families, equals all three.
    Language { Kk = "kk", Ru = "ru", En = "en" }
    Sex { Female = "female", Male = "male" }
    /// Where the app runs.
    Platform { Android = "android", Ios = "ios", Web = "web" }
    /// A quarter and a semester are graded; a year frames them.
    PeriodKind { Year = "year", Semester = "semester", Quarter = "quarter" }
    LessonStatus { Planned = "planned", Held = "held", Cancelled = "cancelled", Substituted = "substituted", Moved = "moved" }
    AttendanceStatus { Present = "present", Absent = "absent", Ill = "ill", Late = "late", Excused = "excused" }
    /// What kind of work was graded (ФО/ҚБ, СОР/БЖБ, СОЧ/ТЖБ, ...).
    GradeKind {
        Formative = "formative", Section = "section", Term = "term", Classwork = "classwork", Test = "test",
        Homework = "homework", Exam = "exam", Other = "other",
    }
    /// None but `graded` is a number, and none of the others is zero.
    GradeStatus { Graded = "graded", Exempt = "exempt", NotSubmitted = "not-submitted", NotAssessed = "not-assessed" }
    /// What a journal may do: write people and classes, write the journal, post news, read back its own, write in closed periods.
    ClientScope { Roster = "roster", Journal = "journal", News = "news", Read = "read", Reopen = "reopen" }
    /// What kind of file was sent in.
    ImportKind { Oneroster = "oneroster", Workbook = "workbook" }
    /// `done` may have left rows out; `refused` took nothing.
    ImportStatus { Queued = "queued", Running = "running", Done = "done", Refused = "refused" }
    /// The collections of the school side, in the order in which they refer to each other.
    Collection {
        Periods = "periods", Subjects = "subjects", Staff = "staff", ClassGroups = "class-groups", Students = "students",
        Guardians = "guardians", Courses = "courses", Enrolments = "enrolments", Lessons = "lessons",
        Assessments = "assessments", Homework = "homework", Grades = "grades", Attendance = "attendance",
        PeriodGrades = "period-grades", News = "news",
    }
    /// What an event tells: which noun, and whether it came, changed or went.
    EventKind {
        GradeCreated = "grade.created", GradeChanged = "grade.changed", GradeRemoved = "grade.removed",
        HomeworkCreated = "homework.created", HomeworkChanged = "homework.changed", HomeworkRemoved = "homework.removed",
        LessonCreated = "lesson.created", LessonChanged = "lesson.changed", LessonRemoved = "lesson.removed",
        AttendanceCreated = "attendance.created", AttendanceChanged = "attendance.changed",
        AttendanceRemoved = "attendance.removed", PeriodGradeCreated = "period-grade.created",
        PeriodGradeChanged = "period-grade.changed", PeriodGradeRemoved = "period-grade.removed",
        AssessmentCreated = "assessment.created", AssessmentChanged = "assessment.changed",
        AssessmentRemoved = "assessment.removed", ChildAdded = "child.added", ChildRemoved = "child.removed",
    }
    /// What an alert is about, as families choose what they want to hear of.
    AlertKind {
        Grade = "grade", Homework = "homework", Schedule = "schedule", Attendance = "attendance", Assessment = "assessment",
        ReportCard = "report-card", News = "news", Message = "message", Account = "account",
    }
    /// What a push or the subject of a letter may say: that there is news, of which subject, or everything.
    Privacy { Generic = "generic", Subject = "subject", Full = "full" }
    /// Whose families read news: of the school, of a level, of a class.
    NewsAudience { School = "school", Level = "level", Class = "class" }
    /// How often alerts are told together.
    Digest { None = "none", Daily = "daily", Weekly = "weekly" }
    /// When a letter tells it: never, where there is no phone to tell it, or always.
    Letters { Never = "never", Fallback = "fallback", Always = "always" }
    /// Which grades are told.
    Threshold { All = "all", Below = "below", Above = "above" }
    /// How an alert leaves the house.
    Way { Push = "push", Email = "email" }
    /// What fails together.
    Lane { Android = "android", Ios = "ios", Web = "web", Email = "email" }
    /// What became of a delivery; all but `pending` are for ever.
    DeliveryState {
        Pending = "pending", Accepted = "accepted", TokenDead = "token-dead", Expired = "expired",
        Superseded = "superseded", Suppressed = "suppressed", DeadLetter = "dead-letter",
    }
    /// What an alert is that tells of no change: several in one, something of the account, a trial.
    About {
        Hour = "hour", Day = "day", Week = "week", SignedIn = "signed-in", TokenReused = "token-reused",
        ChildAdded = "child-added", ChildRemoved = "child-removed", Test = "test", News = "news",
        GuardianAdded = "guardian-added", DataExported = "data-exported",
    }
    PeriodGradeKind { Period = "period", Year = "year", Exam = "exam", Final = "final" }
    /// Who found a result: the school's journal, whose word counts, or the engine.
    Source { Engine = "engine", Journal = "journal" }
}

impl Lane {
    /// The way pushes to this platform take.
    pub fn of(platform: Platform) -> Self {
        match platform {
            Platform::Android => Self::Android,
            Platform::Ios => Self::Ios,
            Platform::Web => Self::Web,
        }
    }
}

/// A name in several languages, by language code; a JSON object in its TEXT column.
#[derive(Debug, Clone, PartialEq, Eq, Default, FromSqlRow, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(pub BTreeMap<String, String>);

impl Names {
    /// The same name whatever the language, as files bring it.
    pub fn same(name: &str) -> Self {
        Self::of(name, name, name)
    }

    pub fn of(kk: &str, ru: &str, en: &str) -> Self {
        Self([("kk", kk), ("ru", ru), ("en", en)].into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    /// The name in `language`, else in Kazakh, Russian, English, any, in this order.
    pub fn in_language(&self, language: Language) -> &str {
        [language, Language::Kk, Language::Ru, Language::En]
            .iter()
            .find_map(|language| self.0.get(language.as_str()))
            .or_else(|| self.0.values().next())
            .map_or("", String::as_str)
    }

    /// The text its column holds.
    pub fn to_column(&self) -> String {
        serde_json::to_string(&self.0).unwrap_or_default()
    }
}

impl<DB: Backend> FromSql<Text, DB> for Names
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_str(&String::from_sql(bytes)?)?)
    }
}

/// A day or a run of days without lessons, both ends included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayOff {
    pub from: NaiveDate,
    pub to: NaiveDate,
    pub names: Names,
}

/// First, last and middle name as a school writes them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FullName {
    pub first: String,
    pub last: String,
    pub middle: Option<String>,
}

impl FullName {
    /// "Last First Middle", as Kazakh and Russian schools address a teacher in writing.
    pub fn formal(&self) -> String {
        [Some(self.last.as_str()), Some(self.first.as_str()), self.middle.as_deref()]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }
}
