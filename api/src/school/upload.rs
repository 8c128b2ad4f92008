//! A file that comes as `multipart/form-data`, in the field `file`.

use actix_multipart::{Field, Multipart};
use actix_web::{HttpMessage, HttpRequest};
use futures_util::TryStreamExt;

use crate::problem::{Code, Problem};

/// The field `file` of the form, ready to be read while the form is there.
pub async fn file(request: &HttpRequest, form: &mut Multipart) -> Result<Field, Problem> {
    if !request.content_type().eq_ignore_ascii_case("multipart/form-data") {
        let told = "Send multipart/form-data with the file in the field `file`.";
        return Err(Problem::new(Code::UnsupportedMediaType).detail(told));
    }
    while let Some(field) = form.try_next().await.map_err(|_| cut_off())? {
        if field.name() == Some("file") {
            return Ok(field);
        }
    }
    Err(domain::Error::flaw("/file", "required", "Send the file in the field `file`.").into())
}

/// What came is no form, or ended early.
pub fn cut_off() -> Problem {
    Problem::malformed("The body is no multipart/form-data, or ended early.")
}
