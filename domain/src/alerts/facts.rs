//! What an alert says, in the reader's language and cut down to what her privacy level lets out: whoever writes a text has
//! nothing else to write.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime};

use crate::changes::Entity;
use crate::report_card::Value;
use crate::timetable::{Subject, Teacher};
use crate::types::{
    About, AlertKind, AttendanceStatus, GradeKind, GradeStatus, Language, LessonStatus, Names, PeriodGradeKind, Privacy,
};

/// What one alert says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Facts {
    /// There is news in the diary, and nothing else: all that [`Privacy::Generic`] lets out of a child.
    Something,
    /// One thing came, changed or went.
    Thing(Thing),
    /// Several alerts in one.
    Bundle(Bundle),
    /// Of the reader's own account; nothing personal in it.
    Account(AccountNews),
    /// The owner tries whether alerts reach this phone.
    Test,
}

/// One thing that came, changed or went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thing {
    pub kind: AlertKind,
    pub step: Step,
    /// The name of the subject; some things have none.
    pub subject: Option<String>,
    /// The child's first name; for [`Privacy::Full`] only.
    pub child: Option<String>,
    /// For [`Privacy::Full`] only.
    pub detail: Option<Detail>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    Created,
    Changed,
    Removed,
}

/// Several alerts of an hour, a day or a week in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    pub span: Span,
    /// How many there are of each kind; never empty.
    pub counts: BTreeMap<AlertKind, u32>,
    /// The first name of the child they are all of; for [`Privacy::Full`] only.
    pub child: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// More came in an hour than is told one by one.
    Hour,
    Day,
    Week,
}

/// What happened to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountNews {
    SignedIn,
    /// Somebody used a copy of a refresh token; that session has ended.
    TokenReused,
    ChildAdded,
    ChildRemoved,
    /// Somebody else may read about a child of the account now.
    GuardianAdded,
    /// All data of a school of the account's children were copied out.
    DataExported,
}

/// What a thing is, and was, in words and numbers. Dates and times are the school's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Detail {
    Grade {
        status: GradeStatus,
        value: Option<String>,
        /// What it was, if it was another one.
        previous: Option<String>,
        graded_on: NaiveDate,
    },
    Homework {
        due_on: NaiveDate,
        text: String,
    },
    Lesson {
        status: LessonStatus,
        date: NaiveDate,
        starts_at: NaiveTime,
        room: Option<String>,
        teacher: Option<String>,
        /// When it was to be, if that was another time.
        previous: Option<(NaiveDate, NaiveTime)>,
    },
    Attendance {
        status: AttendanceStatus,
        date: NaiveDate,
        number: i32,
        minutes_late: Option<i32>,
    },
    Assessment {
        kind: GradeKind,
        title: String,
        date: NaiveDate,
        /// When it was to be, if that was another day.
        previous: Option<NaiveDate>,
    },
    ReportCard {
        kind: PeriodGradeKind,
        status: GradeStatus,
        value: Option<String>,
        /// What it was, if it was another one.
        previous: Option<String>,
    },
    News {
        title: String,
    },
}

/// What may be said to whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader {
    pub language: Language,
    pub privacy: Privacy,
}

impl Facts {
    /// What `reader` may be told of a thing of the child called `child`. `previous` is what it was, where it changed.
    pub fn of(reader: Reader, child: &str, step: Step, entity: &Entity, previous: Option<&Entity>) -> Self {
        if reader.privacy == Privacy::Generic {
            return Self::Something;
        }
        let full = reader.privacy == Privacy::Full;
        Self::Thing(Thing {
            kind: entity.alert_kind(),
            step,
            subject: Some(entity.subject().names.in_language(reader.language).to_owned()),
            child: full.then(|| child.to_owned()),
            detail: full.then(|| Detail::of(entity, previous, reader.language)),
        })
    }
}

impl Facts {
    /// What `reader` may be told of news of the school with these titles.
    pub fn of_news(reader: Reader, title: &Names) -> Self {
        let detail = || Detail::News { title: title.in_language(reader.language).to_owned() };
        if reader.privacy == Privacy::Generic {
            return Self::Something;
        }
        let detail = (reader.privacy == Privacy::Full).then(detail);
        Self::Thing(Thing { kind: AlertKind::News, step: Step::Created, subject: None, child: None, detail })
    }

    /// What somebody is told of its own account; `None` for what is about something else.
    pub(super) fn of_account(about: About) -> Option<Self> {
        let news = match about {
            About::SignedIn => AccountNews::SignedIn,
            About::TokenReused => AccountNews::TokenReused,
            About::ChildAdded => AccountNews::ChildAdded,
            About::ChildRemoved => AccountNews::ChildRemoved,
            About::GuardianAdded => AccountNews::GuardianAdded,
            About::DataExported => AccountNews::DataExported,
            About::Hour | About::Day | About::Week | About::Test | About::News => return None,
        };
        Some(Self::Account(news))
    }
}

impl Detail {
    fn of(entity: &Entity, previous: Option<&Entity>, language: Language) -> Self {
        let read = |value: &Option<Value>| value.as_ref().map(|value| value.in_language(language).to_owned());
        match entity {
            Entity::Grade(grade) => {
                let previous =
                    previous.and_then(|was| if let Entity::Grade(was) = was { was.value.clone() } else { None });
                Self::Grade {
                    status: grade.status,
                    value: grade.value.clone(),
                    previous: previous.filter(|was| grade.value.as_ref() != Some(was)),
                    graded_on: grade.graded_on,
                }
            }
            Entity::Homework(homework) => Self::Homework { due_on: homework.due_on, text: homework.text.clone() },
            Entity::Lesson(lesson) => {
                let was = previous.and_then(|was| if let Entity::Lesson(was) = was { Some(was) } else { None });
                let was = was.map(|was| (was.date, was.starts_at));
                Self::Lesson {
                    status: lesson.status,
                    date: lesson.date,
                    starts_at: lesson.starts_at,
                    room: lesson.room.clone(),
                    teacher: lesson.teacher.as_ref().map(Teacher::name),
                    previous: was.filter(|was| *was != (lesson.date, lesson.starts_at)),
                }
            }
            Entity::Attendance(noted) => Self::Attendance {
                status: noted.presence.status,
                date: noted.date,
                number: noted.number,
                minutes_late: noted.presence.minutes_late,
            },
            Entity::Assessment(work) => {
                let was =
                    previous.and_then(|was| if let Entity::Assessment(was) = was { Some(was.date) } else { None });
                Self::Assessment {
                    kind: work.kind,
                    title: work.title.clone(),
                    date: work.date,
                    previous: was.filter(|was| *was != work.date),
                }
            }
            Entity::PeriodGrade(entry) => {
                let was =
                    previous.and_then(|was| if let Entity::PeriodGrade(was) = was { read(&was.value) } else { None });
                let value = read(&entry.value);
                Self::ReportCard {
                    kind: entry.kind,
                    status: entry.status,
                    previous: was.filter(|was| value.as_ref() != Some(was)),
                    value,
                }
            }
        }
    }
}

impl Entity {
    /// What an alert about it is about.
    pub fn alert_kind(&self) -> AlertKind {
        match self {
            Self::Grade(_) => AlertKind::Grade,
            Self::Homework(_) => AlertKind::Homework,
            Self::Lesson(_) => AlertKind::Schedule,
            Self::Attendance(_) => AlertKind::Attendance,
            Self::PeriodGrade(_) => AlertKind::ReportCard,
            Self::Assessment(_) => AlertKind::Assessment,
        }
    }

    fn subject(&self) -> &Subject {
        match self {
            Self::Grade(grade) => &grade.subject,
            Self::Homework(homework) => &homework.subject,
            Self::Lesson(lesson) => &lesson.subject,
            Self::Attendance(noted) => &noted.subject,
            Self::PeriodGrade(entry) => &entry.subject,
            Self::Assessment(work) => &work.subject,
        }
    }
}
