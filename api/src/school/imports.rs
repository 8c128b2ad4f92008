//! Files sent in: a `OneRoster` bundle or a workbook, carried out by the code behind `apta import`.

use std::io::Write;

use actix_multipart::{Field, Multipart};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use chrono::{DateTime, Utc};
use domain::access;
use domain::imports::{self, Import, Manner};
use domain::types::{ClientScope, ImportId, ImportKind, SchoolId};
use futures_util::TryStreamExt;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::upload;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::Token;
use crate::state::State;
use crate::v1::parts::utc;
use crate::words;

/// The largest file that is taken, in bytes.
const MOST: usize = 512 * 1024 * 1024;

/// How a file is to be taken.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// Change nothing: the report says what would be created, updated and removed.
    #[serde(default)]
    dry_run: bool,
    /// Allow the file to take more than a fifth of the students, guardians, memberships or grades out of the diary.
    #[serde(default)]
    allow_shrink: bool,
}

/// The file, as `multipart/form-data`.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read by the macro that writes the document; the file is streamed")]
pub struct ImportForm {
    /// A `OneRoster` zip (`application/zip`), or a workbook (the media type of .xlsx).
    #[schema(format = Binary)]
    file: String,
}

/// An import as it stands.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    /// Its id.
    pub id: i64,
    /// queued, running, done (some rows may have been left out), or refused (nothing was taken).
    pub status: words::ImportStatus,
    /// Whether it changes nothing.
    pub dry_run: bool,
    /// When the file came.
    pub created_at: DateTime<Utc>,
    /// When it was done.
    pub finished_at: Option<DateTime<Utc>>,
    /// How far it is, while it runs on the instance that answers.
    pub progress: Option<ImportProgress>,
    /// What became of it: counts per file and the rows left out, as `apta import --json` prints it.
    #[schema(value_type = Option<Object>)]
    pub report: Option<serde_json::Value>,
}

/// How far an import is.
#[derive(Serialize, ToSchema)]
pub struct ImportProgress {
    /// Rows done.
    pub done: u64,
    /// Rows there are.
    pub total: u64,
}

impl ImportView {
    fn of(import: Import, progress: Option<(u64, u64)>) -> Self {
        Self {
            id: import.id.0,
            status: words::Word(import.status),
            dry_run: import.dry_run,
            created_at: utc(import.created_at),
            finished_at: import.finished_at.map(utc),
            progress: progress.map(|(done, total)| ImportProgress { done, total }),
            report: import.report.and_then(|text| serde_json::from_str(&text).ok()),
        }
    }
}

/// Send in a file
///
/// Scope `roster`, or the school's office. It is checked whole before anything changes; a second import of a school at the same time is refused. No alerts are raised.
#[utoipa::path(tag = "school", security(("bearer" = [])), params(("id" = i64, Path, description = "The school."), ImportQuery),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "It waits for its turn; ask for it by its id.", body = ImportView), Problems, WriteProblems))]
#[post("/imports")]
async fn start_import(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    school: web::Path<i64>,
    query: web::Query<ImportQuery>,
    mut form: Multipart,
) -> Result<HttpResponse, Problem> {
    let (bearer, school) = (token.0, SchoolId(*school));
    let asked = bearer.clone();
    let may = move |conn: &mut _| access::school(conn, &asked, school)?.need(ClientScope::Roster);
    state.db.read(may).await?;
    let field = upload::file(&request, &mut form).await?;
    let kind = kind(&field)?;
    let file = keep(&state, field).await?;
    let manner = Manner { kind, dry_run: query.dry_run, allow_shrink: query.allow_shrink };
    let open = move |conn: &mut _| {
        let access = access::school(conn, &bearer, school)?;
        let id = imports::open(conn, &access, manner)?;
        imports::one(conn, id)
    };
    let import = state.db.write(open).await?;
    file.persist(state.imports.file(import.id)).map_err(|error| lost(&error.error))?;
    state.imports.submit(import.id);
    Ok(HttpResponse::Accepted().json(ImportView::of(import, None)))
}

/// Look at an import
///
/// A journal sees what it sent in itself, the school's office everything.
#[utoipa::path(tag = "school", security(("bearer" = [])),
    params(("id" = i64, Path, description = "The school."), ("importId" = i64, Path, description = "The import.")),
    responses((status = 200, description = "How it stands.", body = ImportView), Problems, WriteProblems))]
#[get("/imports/{importId}")]
async fn import_of_school(
    token: Token,
    state: web::Data<State>,
    path: web::Path<(i64, i64)>,
) -> Result<HttpResponse, Problem> {
    let (school, id) = (SchoolId(path.0), ImportId(path.1));
    let work = move |conn: &mut _| {
        let access = access::school(conn, &token.0, school)?;
        imports::of_school(conn, &access, id)
    };
    let import = state.db.read(work).await?;
    let progress = state.imports.progress(id);
    Ok(HttpResponse::Ok().json(ImportView::of(import, progress)))
}

/// Streams the file to the disk.
async fn keep(state: &State, mut field: Field) -> Result<NamedTempFile, Problem> {
    let folder = state.imports.folder().map_err(|error| lost(&error))?;
    let mut file = NamedTempFile::new_in(folder).map_err(|error| lost(&error))?;
    let mut size = 0;
    while let Some(chunk) = field.try_next().await.map_err(|_| upload::cut_off())? {
        size += chunk.len();
        if size > MOST {
            return Err(Problem::new(Code::PayloadTooLarge).detail("A file has at most 512 MiB."));
        }
        file.write_all(&chunk).map_err(|error| lost(&error))?;
    }
    file.as_file().sync_all().map_err(|error| lost(&error))?;
    Ok(file)
}

fn kind(field: &Field) -> Result<ImportKind, Problem> {
    match field.content_type().map(mime_text).as_deref() {
        Some("application/zip" | "application/x-zip-compressed") => Ok(ImportKind::Oneroster),
        Some("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet") => Ok(ImportKind::Workbook),
        _ => Err(Problem::new(Code::UnsupportedMediaType).detail(
            "The file is application/zip, or application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.",
        )),
    }
}

fn mime_text(media: &impl AsRef<str>) -> String {
    media.as_ref().to_owned()
}

fn lost(error: &std::io::Error) -> Problem {
    tracing::error!(error = %error, "a file sent in cannot be kept");
    Problem::new(Code::Internal)
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(start_import).service(import_of_school);
}
