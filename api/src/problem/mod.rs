//! Every error a client can meet, in one table, as RFC 9457 problem details.

mod answers;
mod table;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use domain::Error;
use domain::error::{Flaw, Rule};
use serde::Serialize;
use utoipa::ToSchema;

pub use answers::{Problems, WriteProblems};
pub use table::{Row, TABLE};

/// The last segment of a problem's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    MalformedRequest,
    BadCursor,
    Unauthenticated,
    InvalidCredentials,
    InvalidClient,
    InvalidScope,
    UnsupportedGrantType,
    RefreshTokenSpent,
    WrongRole,
    InsufficientScope,
    OriginRefused,
    NotFound,
    MethodNotAllowed,
    LoginTaken,
    InvitationSpent,
    CursorTooOld,
    TooManyFiles,
    PayloadTooLarge,
    UnsupportedMediaType,
    RangeNotSatisfiable,
    ValidationFailed,
    IdempotencyKeyReused,
    TooManyRequests,
    Internal,
    Busy,
    #[cfg(feature = "rating")]
    SubscriptionRequired,
    #[cfg(feature = "rating")]
    VoucherSpent,
    #[cfg(feature = "rating")]
    SubscriptionTaken,
}

impl Code {
    pub fn row(self) -> &'static Row {
        TABLE.iter().find(|row| row.code == self).unwrap_or(&INTERNAL)
    }

    /// The row an answer with this status gets that brought no problem of its own.
    pub fn of_status(status: StatusCode) -> Self {
        match status.as_u16() {
            401 => Self::Unauthenticated,
            403 => Self::OriginRefused,
            404 => Self::NotFound,
            405 => Self::MethodNotAllowed,
            413 => Self::PayloadTooLarge,
            415 => Self::UnsupportedMediaType,
            416 => Self::RangeNotSatisfiable,
            429 => Self::TooManyRequests,
            503 => Self::Busy,
            400..=499 => Self::MalformedRequest,
            _ => Self::Internal,
        }
    }
}

const INTERNAL: Row = table::row(Code::Internal, "internal", 500, "Something went wrong here", "Try again later.");

/// What went wrong with a request. The outermost middleware renders it, because only there the request is known.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    pub detail: Cow<'static, str>,
    pub errors: Vec<Flaw>,
    /// Seconds to wait.
    pub retry_after: Option<u64>,
    /// The methods the path knows, for 405.
    pub allow: Option<String>,
}

impl Problem {
    pub fn new(code: Code) -> Self {
        Self { code, detail: Cow::Borrowed(code.row().advice), errors: Vec::new(), retry_after: None, allow: None }
    }

    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = detail.into();
        self
    }

    pub fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Code::MalformedRequest).detail(detail)
    }

    /// The answer, for the request at `instance` with the id `request_id`.
    pub fn render(&self, instance: &str, request_id: &str) -> HttpResponse {
        let row = self.code.row();
        let body = ProblemDetails {
            r#type: format!("/problems/{}", row.name),
            title: row.title,
            status: row.status,
            detail: &self.detail,
            instance,
            request_id,
            errors: self.errors.iter().map(FieldError::of).collect(),
        };
        let status = StatusCode::from_u16(row.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.max(1).to_string()));
        }
        if let Some(allow) = &self.allow {
            response.insert_header((header::ALLOW, allow.as_str()));
        }
        if row.status == 401 {
            let scheme = if self.code == Code::InvalidClient { "Basic realm=\"apta\"" } else { "Bearer" };
            response.insert_header((header::WWW_AUTHENTICATE, HeaderValue::from_static(scheme)));
        }
        response.content_type("application/problem+json").json_body(&body)
    }
}

trait JsonBody {
    fn json_body(&mut self, body: &impl Serialize) -> HttpResponse;
}

impl JsonBody for actix_web::HttpResponseBuilder {
    /// As `json`, but keeps the content type.
    fn json_body(&mut self, body: &impl Serialize) -> HttpResponse {
        self.body(serde_json::to_vec(body).unwrap_or_default())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.row().name)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.row().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound(_) => Self::new(Code::NotFound),
            Error::Unauthorised => Self::new(Code::Unauthenticated),
            Error::Denied(rule) | Error::Conflict(rule) => Self::from(rule),
            Error::Invalid(errors) => Self { errors, ..Self::new(Code::ValidationFailed) },
            Error::Busy | Error::Outgrown => Self { retry_after: Some(1), ..Self::new(Code::Busy) },
            Error::Db(_) | Error::Store(_) | Error::NewerStore(_) => {
                tracing::error!(error = %error, "a request failed");
                Self::new(Code::Internal)
            }
        }
    }
}

impl From<Rule> for Problem {
    fn from(rule: Rule) -> Self {
        Self::new(match rule {
            Rule::InvalidCredentials => Code::InvalidCredentials,
            Rule::RefreshTokenSpent => Code::RefreshTokenSpent,
            Rule::InvalidClient => Code::InvalidClient,
            Rule::InvalidScope => Code::InvalidScope,
            Rule::InsufficientScope => Code::InsufficientScope,
            Rule::LoginTaken => Code::LoginTaken,
            Rule::InvitationSpent => Code::InvitationSpent,
            Rule::WrongRole => Code::WrongRole,
            Rule::BadCursor => Code::BadCursor,
            Rule::CursorTooOld => Code::CursorTooOld,
            Rule::TooManyFiles => Code::TooManyFiles,
            Rule::IdempotencyKeyReused => Code::IdempotencyKeyReused,
            Rule::ResetSpent => {
                let detail = "The reset token is unknown, spent or expired; ask for a new one.";
                let errors = vec![Flaw::new("/token", "reset-token", detail)];
                return Self { errors, ..Self::new(Code::ValidationFailed) };
            }
        })
    }
}

/// An error, as RFC 9457 problem details.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProblemDetails<'a> {
    /// Which problem it is; the page at this address explains it.
    #[schema(example = "/problems/not-found")]
    pub r#type: String,
    /// The problem in a few English words, always the same for a type.
    pub title: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// What is wrong with this request, for a developer.
    pub detail: &'a str,
    /// The path that was asked for.
    pub instance: &'a str,
    /// The id of this request, as in the header X-Request-Id.
    pub request_id: &'a str,
    /// For 422: every place that breaks a rule.
    pub errors: Vec<FieldError<'a>>,
}

/// One place of a request that breaks a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct FieldError<'a> {
    /// Where in the body (RFC 6901).
    #[schema(example = "/password")]
    pub pointer: &'a str,
    /// Which rule.
    pub code: &'a str,
    /// What to mend.
    pub detail: &'a str,
}

impl<'a> FieldError<'a> {
    fn of(flaw: &'a Flaw) -> Self {
        Self { pointer: &flaw.pointer, code: flaw.code, detail: &flaw.detail }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_row_and_every_name_is_its_own() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.code.row().name, row.name);
            assert!(TABLE.iter().skip(place + 1).all(|other| other.name != row.name && other.code != row.code));
        }
    }
}
