//! The children a family starts from.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::access::{self, ChildAccess, Viewer};
use domain::db::Conn;
use domain::types::Language;
use domain::{people, periods};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::Period;
use crate::bodies::{Body, Coding, Tag, json};
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;

/// The viewer's children.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Children {
    /// The children, in the order of their ids.
    pub items: Vec<Child>,
    /// Always null: a family fits on one page.
    pub next_cursor: Option<String>,
}

/// A child.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Child {
    /// The child's id, for life.
    pub id: i64,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// The middle name.
    pub middle_name: Option<String>,
    /// How the viewer stands to the child; `self` for the student.
    #[schema(example = "mother")]
    pub relation: String,
    /// The school it attends.
    pub school: School,
    /// Its homeroom class.
    pub class_group: Option<ClassGroup>,
    /// The grading period today falls into; null in the holidays.
    pub current_period: Option<Period>,
}

/// A school.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct School {
    /// The school's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its IANA time zone; all local days and times are in it.
    #[schema(example = "Asia/Almaty")]
    pub time_zone: String,
}

/// A homeroom class.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassGroup {
    /// The class's id.
    pub id: i64,
    /// Its name.
    #[schema(example = "7 Ә")]
    pub name: String,
    /// The year of schooling, 1 to 12.
    pub level: Option<i32>,
}

/// The viewer's children
///
/// A guardian's own children, a student itself; staff have none.
#[utoipa::path(tag = "diary", security(("bearer" = [])),
    responses((status = 200, description = "The children.", body = Children), (status = 304, description = "Nothing changed."), Problems))]
#[get("/children")]
async fn list_children(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    asked: Asked,
) -> Result<HttpResponse, Problem> {
    let (bodies, headers) = (state.bodies.clone(), request.headers().clone());
    let coding = Coding::accepted(&headers);
    let work = move |conn: &mut Conn| {
        let (viewer, rights) = access::children(conn, &token.0)?;
        let language = asked.or(viewer.language());
        let tag = tag("children", &viewer, &rights, language);
        if tag.known(&headers, coding) {
            return Ok((tag, None));
        }
        if let Some(body) = bodies.get(&tag) {
            return Ok((tag, Some(body)));
        }
        let items = list(conn, &rights, language)?;
        let view = Children { items, next_cursor: None };
        let body = Arc::new(Body::new(json(&view)?.into_bytes()));
        let (_, after) = access::children(conn, &token.0)?;
        if after == rights {
            bodies.keep(tag.clone(), Arc::clone(&body));
            return Ok((tag, Some(body)));
        }
        // Somebody wrote meanwhile: the body is a moment old, so it goes out under a tag nobody will meet again.
        Ok((Tag::of(&domain::secrets::token()), Some(body)))
    };
    let (tag, body) = state.db.read(work).await?;
    Ok(tag.respond(body.as_deref(), coding))
}

/// What a view of all the viewer's children depends on.
pub(super) fn tag(name: &str, viewer: &Viewer, rights: &[ChildAccess], language: Language) -> Tag {
    let mut key = format!("{name} {} {language:?}", viewer.account().0);
    for right in rights {
        let (counters, today) = (right.counters(), right.today());
        key.push_str(&format!(" {} {counters:?} {} {} {today}", right.child().0, right.school().0, right.relation()));
    }
    Tag::of(&key)
}

/// The children these rights are for, as families see them.
pub(super) fn list(conn: &mut Conn, rights: &[ChildAccess], language: Language) -> domain::Result<Vec<Child>> {
    let days: Vec<_> = rights.iter().map(|right| (right.school(), right.today())).collect();
    let current = periods::current(conn, &days)?;
    let children = people::children(conn, rights)?;
    let view = |(child, class): (people::Child, Option<people::ClassGroup>)| {
        let right = rights.iter().find(|right| right.child() == child.id);
        let period = right.and_then(|right| {
            current.iter().find(|period| period.school == right.school() && period.holds(right.today()))
        });
        Child {
            id: child.id.0,
            first_name: child.first,
            last_name: child.last,
            middle_name: child.middle,
            relation: right.map_or_else(String::new, |right| right.relation().to_owned()),
            school: School { id: child.school.id.0, name: child.school.name, time_zone: child.school.time_zone },
            class_group: class.map(|class| ClassGroup { id: class.id.0, name: class.name, level: class.level }),
            current_period: period.map(|period| Period::of(period, language)),
        }
    };
    Ok(children.into_iter().map(view).collect())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_children);
}
