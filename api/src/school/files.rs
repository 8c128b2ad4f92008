//! Files for homework, as journals and teachers send them in.

use actix_multipart::{Field, Multipart};
use actix_web::web::{Bytes, BytesMut};
use actix_web::{HttpRequest, HttpResponse, post, web};
use domain::access;
use domain::files::{self, File, MOST, PART};
use domain::homework;
use domain::types::{FileId, SchoolId};
use futures_util::stream::Fuse;
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::fields::line;
use super::upload;
use crate::problem::{Code, Problem, Problems, WriteProblems};
use crate::request::Token;
use crate::state::State;
use crate::v1::parts::Attachment;

/// What families may be sent: what every phone opens, and nothing that runs. The bytes decide, not what the sender says.
const TAKEN: [&str; 13] = [
    "application/pdf",
    "image/jpeg",
    "image/png",
    "image/gif",
    "image/webp",
    "audio/mpeg",
    "audio/m4a",
    "video/mp4",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.presentation",
];

/// The folder that every file of an office application has, and what it is then.
const OFFICE: [(&[u8], &str); 3] = [
    (b"word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    (b"xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    (b"ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
];

/// The file, as `multipart/form-data`.
#[derive(ToSchema)]
#[allow(dead_code, reason = "read by the macro that writes the document; the file is streamed")]
pub struct FileForm {
    /// PDF, JPEG, PNG, GIF, WebP, MP3, M4A, MP4, .docx, .xlsx, .pptx, .odt or .odp, at most 20 MiB, with its `filename`.
    #[schema(format = Binary)]
    file: String,
}

/// Send in a file for homework
///
/// Scope `journal`, or the school's staff. Name its id in the `attachments` of homework within a day: a file that hangs on nothing is forgotten. Families read it with `GET /v1/files/{id}`.
#[utoipa::path(tag = "school", security(("bearer" = [])), params(("id" = i64, Path, description = "The school.")),
    request_body(content = FileForm, content_type = "multipart/form-data"),
    responses((status = 201, description = "It is kept.", body = Attachment), Problems, WriteProblems))]
#[post("/files")]
async fn send_file(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    school: web::Path<i64>,
    mut form: Multipart,
) -> Result<HttpResponse, Problem> {
    let (bearer, school) = (token.0, SchoolId(*school));
    let asked = bearer.clone();
    state.db.read(move |conn| files::may_send(&access::school(conn, &asked, school)?)).await?;
    let field = upload::file(&request, &mut form).await?;
    let name = name(&field)?;
    let mut pieces = Pieces { field: field.fuse(), rest: BytesMut::new(), size: 0 };
    let first = pieces.next().await?.ok_or_else(empty)?;
    let media_type = media_type(&first)?;
    let begin = move |conn: &mut _| {
        let access = access::school(conn, &bearer, school)?;
        files::begin(conn, &access, &name, media_type)
    };
    let id = state.db.write(begin).await?;
    match keep(&state, id, first, pieces).await {
        Ok(file) => Ok(HttpResponse::Created().json(Attachment::of(homework::Attachment::of(file)))),
        Err(problem) => {
            state.db.write(move |conn| files::discard(conn, id)).await?;
            Err(problem)
        }
    }
}

/// Keeps the pieces as they come, each in a transaction of its own, so that a large file holds nobody up.
async fn keep(state: &State, id: FileId, first: Bytes, mut pieces: Pieces) -> Result<File, Problem> {
    let (mut hash, mut part, mut next) = (Sha256::new(), 0, Some(first));
    while let Some(piece) = next {
        hash.update(&piece);
        state.db.write(move |conn| files::keep(conn, id, part, &piece)).await?;
        part += 1;
        next = pieces.next().await?;
    }
    let (hash, now) = (hex(&hash.finalize()), state.clock.now());
    Ok(state.db.write(move |conn| files::finish(conn, id, &hash, now)).await?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The bytes of a field in pieces of one size, the last one excepted.
struct Pieces {
    field: Fuse<Field>,
    rest: BytesMut,
    size: u64,
}

impl Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        while self.rest.len() < PART {
            let Some(chunk) = self.field.try_next().await.map_err(|_| upload::cut_off())? else { break };
            self.size += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
            if self.size > MOST {
                return Err(Problem::new(Code::PayloadTooLarge).detail("A file has at most 20 MiB."));
            }
            self.rest.extend_from_slice(&chunk);
        }
        let piece = self.rest.split_to(self.rest.len().min(PART)).freeze();
        Ok((!piece.is_empty()).then_some(piece))
    }
}

/// The file's own name, without folders.
fn name(field: &Field) -> Result<String, Problem> {
    let given = field.content_disposition().and_then(|told| told.get_filename()).unwrap_or_default();
    let name = given.rsplit(['/', '\\']).next().unwrap_or_default();
    line("/file", name, 200).map_err(|flaw| {
        let told = format!("The file has no usable name: {}", flaw.detail);
        domain::Error::flaw("/file", flaw.code, told).into()
    })
}

fn empty() -> Problem {
    domain::Error::flaw("/file", "empty", "The file is empty.").into()
}

/// What of an office a zip is, by the names of its first entries: they stand in any order, and `infer` knows but one.
fn office(first: &[u8]) -> Option<&'static str> {
    /// What an entry of a zip begins with, and how far behind it the entry's name is.
    const HEAD: &[u8] = b"PK\x03\x04";
    const NAME: usize = 30;
    if !first.starts_with(HEAD) {
        return None;
    }
    let heads = first.windows(HEAD.len()).enumerate().filter(|(_, window)| *window == HEAD);
    let mut names = heads.filter_map(|(at, _)| first.get(at + NAME..));
    names.find_map(|name| OFFICE.iter().find(|(folder, _)| name.starts_with(folder)).map(|(_, kind)| *kind))
}

fn media_type(first: &[u8]) -> Result<&'static str, Problem> {
    let found = office(first).or_else(|| infer::get(first).map(|kind| kind.mime_type()));
    found.filter(|found| TAKEN.contains(found)).ok_or_else(|| {
        let told =
            "Files are PDF, JPEG, PNG, GIF, WebP, MP3, M4A, MP4, .docx, .xlsx, .pptx, .odt or .odp, by their bytes.";
        Problem::new(Code::UnsupportedMediaType).detail(told)
    })
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(send_file);
}
