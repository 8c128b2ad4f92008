//! Files that go with homework, read by families.

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    self, ByteRangeSpec, Charset, ContentDisposition, DispositionParam, DispositionType, ExtendedValue, Header, Range,
};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::access;
use domain::files::{self, File, PART};
use domain::types::FileId;
use futures_util::stream;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::problem::{Code, Problem, Problems};
use crate::request::Token;
use crate::state::State;

/// A file of homework
///
/// For the families of the pupils the homework is for. It never changes, so it may be kept; `Range` is understood, and a broken download goes on where it stopped.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The file."),
        ("Range" = Option<String>, Header, description = "One range of bytes.")),
    responses((status = 200, description = "The file, under its own media type.", body = [u8], content_type = "application/octet-stream"),
        (status = 206, description = "The range.", body = [u8], content_type = "application/octet-stream"),
        (status = 304, description = "You have it."),
        (status = 416, description = "The file has no such range.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/files/{id}")]
async fn file_of_homework(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let id = FileId(*id);
    let work = move |conn: &mut _| {
        let (_, rights) = access::children(conn, &token.0)?;
        files::of_children(conn, &rights, id)
    };
    let file = state.db.read(work).await?;
    let tag = format!("\"{}\"", file.sha256);
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::ETAG, tag.as_str()))
        .insert_header((header::CACHE_CONTROL, "private, no-cache"))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if asked(&request, &header::IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim() == tag)) {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    let size = u64::try_from(file.size).unwrap_or(0);
    let is_same = asked(&request, &header::IF_RANGE).is_none_or(|known| known == tag);
    let range = if is_same { range(&request, size)? } else { None };
    if let Some((from, to)) = range {
        answer.status(StatusCode::PARTIAL_CONTENT);
        answer.insert_header((header::CONTENT_RANGE, format!("bytes {from}-{to}/{size}")));
    }
    // A file is another origin's content: it is saved or shown by the app, and nothing in it runs here.
    answer
        .insert_header((header::CONTENT_TYPE, file.media_type.as_str()))
        .insert_header((header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header(disposition(&file));
    let (from, to) = range.unwrap_or((0, size.saturating_sub(1)));
    Ok(answer.body(SizedStream::new(to + 1 - from, bytes(state, file, from, to))))
}

fn asked<'a>(request: &'a HttpRequest, name: &header::HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The first and the last byte asked for; `None` for the whole. Several ranges, or what is none, count as the whole.
fn range(request: &HttpRequest, size: u64) -> Result<Option<(u64, u64)>, Problem> {
    let Ok(Range::Bytes(ranges)) = Range::parse(request) else { return Ok(None) };
    let [one]: [ByteRangeSpec; 1] = match ranges.try_into() {
        Ok(one) => one,
        Err(_) => return Ok(None),
    };
    let told = format!("The file has {size} bytes.");
    one.to_satisfiable_range(size).map(Some).ok_or_else(|| Problem::new(Code::RangeNotSatisfiable).detail(told))
}

/// A name for phones of today, and one of ASCII for the others.
fn disposition(file: &File) -> ContentDisposition {
    let plain: String =
        file.name.chars().map(|c| if c.is_ascii() && c != '"' && c != '\\' { c } else { '_' }).collect();
    let extended = ExtendedValue {
        charset: Charset::Ext("UTF-8".to_owned()),
        language_tag: None,
        value: file.name.clone().into_bytes(),
    };
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(plain), DispositionParam::FilenameExt(extended)],
    }
}

/// The bytes from `from` to `to`, both included, read piece by piece as they go out.
fn bytes(
    state: web::Data<State>,
    file: File,
    from: u64,
    to: u64,
) -> impl stream::Stream<Item = Result<Bytes, domain::Error>> {
    let part = PART as u64;
    stream::try_unfold(from, move |at| {
        let (state, file) = (state.clone(), file.clone());
        async move {
            if at > to {
                return Ok(None);
            }
            let number = i32::try_from(at / part).unwrap_or(i32::MAX);
            let piece = state.db.read(move |conn| files::part(conn, &file, number)).await?;
            let piece = Bytes::from(piece);
            let end = (to + 1).min((at / part + 1) * part);
            let place = |at: u64| usize::try_from(at % part).unwrap_or(0);
            let last = piece.len().min(place(at) + usize::try_from(end - at).unwrap_or(0));
            Ok(Some((piece.slice(place(at).min(last)..last), end)))
        }
    })
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(file_of_homework);
}
