//! The problems of operations, as the API document names them.

use super::ProblemDetails;

/// The answers every operation may give beside its own.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "read by the macro that writes the document")]
pub enum Problems {
    /// The request cannot be read.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemDetails<'static>),
    /// Nobody is signed in, or the secret presented is not right.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthenticated(ProblemDetails<'static>),
    /// It does not exist, or it is not yours.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemDetails<'static>),
    /// The server is busy; see Retry-After.
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(ProblemDetails<'static>),
}

/// The further answers of operations that write.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "read by the macro that writes the document")]
pub enum WriteProblems {
    /// Known, but not for this account.
    #[response(status = 403, content_type = "application/problem+json")]
    Denied(ProblemDetails<'static>),
    /// It contradicts the state of things.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemDetails<'static>),
    /// The body is larger than 256 KiB.
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(ProblemDetails<'static>),
    /// The body is not application/json.
    #[response(status = 415, content_type = "application/problem+json")]
    MediaType(ProblemDetails<'static>),
    /// The body breaks a rule; see errors.
    #[response(status = 422, content_type = "application/problem+json")]
    Invalid(ProblemDetails<'static>),
    /// Too many of them; see Retry-After.
    #[response(status = 429, content_type = "application/problem+json")]
    TooMany(ProblemDetails<'static>),
}
