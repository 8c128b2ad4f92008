//! The change feed: what a phone that was away missed, in one round trip.

use actix_web::{HttpResponse, get, web};
use chrono::{DateTime, Duration, Utc};
use domain::access::{self, ChildAccess, Viewer};
use domain::changes::Entity;
use domain::db::Conn;
use domain::error::Rule;
use domain::types::{EventKind, Language, Word as _};
use domain::{Error, events, report_card};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::attendance::Noted;
use super::children::{self, Child};
use super::parts::{Assessment, Grade, Homework, Hundredths, Lesson, Subject, utc};
use super::places::{Learnt, News, Places};
use crate::bodies::json;
use crate::cursor::Cursors;
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::words::{self, Word};

/// A page of changes.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Changes {
    /// The changes: first children that left the list, then child by child, each child's in the order of their commits.
    pub items: Vec<ChangeItem>,
    /// Where to read on, with `hasMore` now, without it later.
    pub next_cursor: String,
    /// Whether there is more already.
    pub has_more: bool,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangeItem {
    /// Where to read on after this change.
    pub cursor: String,
    /// The child it concerns.
    pub child_id: i64,
    /// What happened: a noun that was created, changed or removed; `child.added`; `child.removed`: drop what is kept of
    /// the child; `school.changed`: more changed than can be listed (names, periods, courses, an import), load the
    /// child's views anew.
    pub kind: ChangeKind,
    /// When it was written; null for `school.changed`, which stands for any number of changes.
    pub at: Option<DateTime<Utc>>,
    /// As it is since the change; what was removed, as it was last. A lesson comes with empty `homework` and `grades` and
    /// without `attendance`: they have changes of their own, so keep what is there. Null for `child.removed` and
    /// `school.changed`.
    pub entity: Option<ChangedEntity>,
    /// As it was before, for `*.changed`.
    pub previous: Option<ChangedEntity>,
}

/// A kind of event, or `school.changed`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct ChangeKind(&'static str);

const ANYTHING: ChangeKind = ChangeKind("school.changed");

impl From<EventKind> for ChangeKind {
    fn from(kind: EventKind) -> Self {
        Self(kind.as_str())
    }
}

impl PartialSchema for ChangeKind {
    fn schema() -> RefOr<Schema> {
        let words: Vec<&str> = EventKind::ALL.iter().map(|kind| kind.as_str()).chain([ANYTHING.0]).collect();
        let text = format!("One of: {}.", words.join(", "));
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(text)).into()
    }
}

impl ToSchema for ChangeKind {}

/// What changed, by the noun of `kind`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "they live for one page")]
pub enum ChangedEntity {
    Grade(Grade),
    Homework(Homework),
    Lesson(Lesson),
    Attendance(Noted),
    PeriodGrade(PeriodGrade),
    Assessment(Assessment),
    Child(Child),
}

/// An entry of the report card.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeriodGrade {
    /// The subject.
    pub subject: Subject,
    /// The period it stands under.
    pub period_id: i64,
    /// Of the period, of the year, of the exam, or final.
    pub kind: words::PeriodGradeKind,
    /// The grade.
    pub value: Option<String>,
    /// The percentage it comes from.
    pub percent: Option<Hundredths>,
    /// `graded`, or why there is no number.
    pub status: words::GradeStatus,
}

/// From where on.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// A cursor of this feed. Without one there are no items, but the cursor of now: take it before the first load.
    after: Option<String>,
    /// How many, 1 to 100; default 50.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<usize>,
}

/// What a feed's cursor is bound to beside its owner.
const FILTER: &str = "changes";

/// What changed since a cursor
///
/// For all of the viewer's children. No change is missing and none comes twice, whoever writes meanwhile. Names are as they
/// were when the change was written. 410: the feed does not remember that far back.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(Since),
    responses((status = 200, description = "A page.", body = Changes),
        (status = 410, description = "The cursor is too old: start afresh.", content_type = "application/problem+json", body = crate::problem::ProblemDetails),
        (status = 422, description = "The limit breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/changes")]
async fn list_changes(
    token: Token,
    state: web::Data<State>,
    asked: Asked,
    since: web::Query<Since>,
) -> Result<HttpResponse, Problem> {
    let limit = since.limit.unwrap_or(50);
    if !(1..=100).contains(&limit) {
        return Err(Error::flaw("/limit", "range", "A page has 1 to 100 items.").into());
    }
    let (cursors, kept) = (state.cursors.clone(), Duration::days(state.config.feed.retention_days.into()));
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::children(conn, &token.0)?;
        let today = viewer.now().date();
        let mut places = match &since.after {
            Some(cursor) => open(&cursors, &viewer, cursor)?,
            None => Places::now(&rights, today),
        };
        if places.since < today - kept {
            return Err(Error::Conflict(Rule::CursorTooOld));
        }
        let (learnt, has_more) = places.advance(conn, &rights, today, limit)?;
        let mut page =
            Page { conn, viewer: &viewer, rights: &rights, language: asked.or(viewer.language()), cursors: &cursors };
        let items = learnt.into_iter().map(|one| page.item(one)).collect::<domain::Result<_>>()?;
        json(&Changes { items, next_cursor: seal(&cursors, &viewer, &places), has_more })
    };
    let answer = state.db.read(work).await?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("cache-control", "private, no-cache"))
        .body(answer))
}

fn seal(cursors: &Cursors, viewer: &Viewer, places: &Places) -> String {
    cursors.seal(viewer.account(), FILTER, &places.text())
}

fn open(cursors: &Cursors, viewer: &Viewer, cursor: &str) -> domain::Result<Places> {
    let text = cursors.open(viewer.account(), FILTER, cursor).ok();
    text.and_then(|text| Places::parse(&text)).ok_or(Error::Conflict(Rule::BadCursor))
}

/// What every item of a page is made with.
struct Page<'a> {
    conn: &'a mut Conn,
    viewer: &'a Viewer,
    rights: &'a [ChildAccess],
    language: Language,
    cursors: &'a Cursors,
}

impl Page<'_> {
    fn item(&mut self, learnt: Learnt) -> domain::Result<ChangeItem> {
        let Learnt { places, child, what } = learnt;
        let cursor = seal(self.cursors, self.viewer, &places);
        let bare = |kind| ChangeItem { cursor, child_id: child.0, kind, at: None, entity: None, previous: None };
        Ok(match what {
            News::Anything => bare(ANYTHING),
            News::Removed => {
                let at = events::last(self.conn, self.viewer, EventKind::ChildRemoved, child)?;
                ChangeItem { at: at.map(utc), ..bare(EventKind::ChildRemoved.into()) }
            }
            News::Added => {
                let at = events::last(self.conn, self.viewer, EventKind::ChildAdded, child)?;
                let right: Vec<ChildAccess> = self.rights.iter().filter(|one| one.child() == child).cloned().collect();
                let entity = children::list(self.conn, &right, self.language)?.pop().map(ChangedEntity::Child);
                ChangeItem { at: at.map(utc), entity, ..bare(EventKind::ChildAdded.into()) }
            }
            News::Change(change) => ChangeItem {
                at: Some(utc(change.at)),
                entity: Some(ChangedEntity::of(change.entity, self.language)),
                previous: change.previous.map(|previous| ChangedEntity::of(previous, self.language)),
                ..bare(change.kind.into())
            },
        })
    }
}

impl ChangedEntity {
    fn of(entity: Entity, language: Language) -> Self {
        match entity {
            Entity::Grade(grade) => Self::Grade(Grade::of(grade, language)),
            Entity::Homework(homework) => Self::Homework(Homework::of(homework, language)),
            Entity::Lesson(lesson) => Self::Lesson(Lesson::bare(lesson, language)),
            Entity::Attendance(noted) => Self::Attendance(Noted::of(noted, language)),
            Entity::PeriodGrade(entry) => Self::PeriodGrade(PeriodGrade::of(entry, language)),
            Entity::Assessment(assessment) => Self::Assessment(Assessment::of(assessment, language)),
        }
    }
}

impl PeriodGrade {
    fn of(entry: report_card::Entry, language: Language) -> Self {
        Self {
            subject: Subject::of(&entry.subject, language),
            period_id: entry.period.0,
            kind: Word(entry.kind),
            value: entry.value.map(|value| value.in_language(language).to_owned()),
            percent: entry.percent.map(Hundredths),
            status: Word(entry.status),
        }
    }
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_changes);
}
