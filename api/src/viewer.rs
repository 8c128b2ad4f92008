//! A view of one child: one indexed read decides, then 304, a kept body, or a fresh one that is whole.

use std::fmt::Debug;
use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpRequest, HttpResponse};
use domain::access::{self, Bearer, ChildAccess, Counters};
use domain::db::Conn;
use domain::types::{ChildId, Language};
use serde::Serialize;

use crate::bodies::{Bodies, Body, Coding, Tag, json};
use crate::problem::Problem;
use crate::request::Asked;
use crate::state::State;

/// Moves when a view's shape changes, so that no phone keeps an old shape for new data.
const VERSION: u32 = 2;

/// How often a view is computed again because its child's diary changed meanwhile.
const TRIES: u32 = 3;

/// What asks for a view: everything of the request the answer depends on.
pub struct Ask {
    pub bearer: Bearer,
    pub child: ChildId,
    pub language: Asked,
    headers: HeaderMap,
    coding: Coding,
    name: &'static str,
}

impl Ask {
    pub fn new(request: &HttpRequest, bearer: Bearer, child: i64, language: Asked, name: &'static str) -> Self {
        let headers = request.headers().clone();
        Self { coding: Coding::accepted(&headers), bearer, child: ChildId(child), language, headers, name }
    }
}

/// One child's view. `resolve` turns the parameters into what they mean today (a range, a period) or refuses them;
/// `compute` reads the view and may bring the counters along, as of its last statement.
pub async fn of_child<R, V, F, G>(state: &State, ask: Ask, resolve: F, compute: G) -> Result<HttpResponse, Problem>
where
    R: Debug,
    V: Serialize,
    F: Fn(&ChildAccess) -> domain::Result<R> + Send + 'static,
    G: Fn(&mut Conn, &ChildAccess, Language, &R) -> domain::Result<(Option<Counters>, V)> + Send + 'static,
{
    let (bodies, coding) = (state.bodies.clone(), ask.coding);
    let work = move |conn: &mut Conn| look(conn, &bodies, &ask, &resolve, &compute);
    let (tag, body) = state.db.read(work).await?;
    Ok(tag.respond(body.as_deref(), coding))
}

fn look<R: Debug, V: Serialize>(
    conn: &mut Conn,
    bodies: &Bodies,
    ask: &Ask,
    resolve: &impl Fn(&ChildAccess) -> domain::Result<R>,
    compute: &impl Fn(&mut Conn, &ChildAccess, Language, &R) -> domain::Result<(Option<Counters>, V)>,
) -> domain::Result<(Tag, Option<Arc<Body>>)> {
    let mut access = access::child(conn, &ask.bearer, ask.child)?;
    for last in (0..TRIES).rev() {
        let resolved = resolve(&access)?;
        let language = ask.language.or(access.viewer().language());
        let tag = tag(ask, &access, language, &resolved);
        if tag.known(&ask.headers, ask.coding) {
            return Ok((tag, None));
        }
        if let Some(body) = bodies.get(&tag) {
            return Ok((tag, Some(body)));
        }
        let (seen, view) = compute(conn, &access, language, &resolved)?;
        let counters = seen.map_or_else(|| access::counters(conn, &access), Ok)?;
        if counters == access.counters() {
            let body = Arc::new(Body::new(json(&view)?.into_bytes()));
            body.coded(ask.coding);
            bodies.keep(tag.clone(), Arc::clone(&body));
            return Ok((tag, Some(body)));
        }
        if last > 0 {
            access = access::child(conn, &ask.bearer, ask.child)?;
        }
    }
    Err(domain::Error::Busy)
}

fn tag(ask: &Ask, access: &ChildAccess, language: Language, resolved: &impl Debug) -> Tag {
    let Counters { child, school } = access.counters();
    Tag::of(&format!(
        "{VERSION} {} {} {child} {} {school} {} {language:?} {resolved:?}",
        ask.name,
        access.child().0,
        access.school().0,
        access.today(),
    ))
}
