//! The table of all problems.

use super::Code;

/// One row of the table.
pub struct Row {
    pub code: Code,
    pub name: &'static str,
    pub status: u16,
    pub title: &'static str,
    /// What the client should do about it.
    pub advice: &'static str,
}

pub(super) const fn row(code: Code, name: &'static str, status: u16, title: &'static str, advice: &'static str) -> Row {
    Row { code, name, status, title, advice }
}

/// The table: what is not in it, no client meets.
pub const TABLE: &[Row] = &[
    row(
        Code::MalformedRequest,
        "malformed-request",
        400,
        "The request cannot be read",
        "Mend the place that `detail` names.",
    ),
    row(
        Code::BadCursor,
        "bad-cursor",
        400,
        "The cursor is not one of yours",
        "Start again without `cursor`, and keep the filter while you page.",
    ),
    row(
        Code::Unauthenticated,
        "unauthenticated",
        401,
        "Nobody is signed in",
        "Refresh the access token, or sign in again.",
    ),
    row(
        Code::InvalidCredentials,
        "invalid-credentials",
        401,
        "Login and password do not belong together",
        "Ask for them again; offer a password reset.",
    ),
    row(
        Code::InvalidClient,
        "invalid-client",
        401,
        "Client id and secret do not belong together",
        "Check both; the operator can rotate the secret.",
    ),
    row(
        Code::InvalidScope,
        "invalid-scope",
        400,
        "The journal does not have this scope",
        "Ask for less, or ask the operator for a journal with more.",
    ),
    row(
        Code::UnsupportedGrantType,
        "unsupported-grant-type",
        400,
        "The grant type is not understood",
        "Send grant_type=client_credentials.",
    ),
    row(Code::RefreshTokenSpent, "refresh-token-spent", 401, "The refresh token is spent", "Sign in again."),
    row(
        Code::WrongRole,
        "wrong-role",
        403,
        "This is not for accounts of this role",
        "Use the account the code was given for.",
    ),
    row(
        Code::InsufficientScope,
        "insufficient-scope",
        403,
        "The right to act for this school does not reach so far",
        "Ask for a token with the scope that the operation names, or let the school's office do it.",
    ),
    row(
        Code::OriginRefused,
        "origin-refused",
        403,
        "This web origin may not call the API",
        "Ask the operator to add the origin to APTA__HTTP__ORIGINS.",
    ),
    row(
        Code::NotFound,
        "not-found",
        404,
        "There is nothing here for you",
        "It does not exist, or it is not yours: the two are the same.",
    ),
    row(
        Code::MethodNotAllowed,
        "method-not-allowed",
        405,
        "The path does not know this method",
        "Use one of the methods in the header Allow.",
    ),
    row(Code::LoginTaken, "login-taken", 409, "The login is taken", "Choose another login."),
    row(
        Code::InvitationSpent,
        "invitation-spent",
        409,
        "The invitation is spent or expired",
        "Ask the school for a new code.",
    ),
    row(
        Code::CursorTooOld,
        "cursor-too-old",
        410,
        "The feed does not remember that far back",
        "Start afresh: ask without `after` for a new cursor, then load the views anew.",
    ),
    row(
        Code::TooManyFiles,
        "too-many-files",
        409,
        "The school has sent in many files that hang on nothing",
        "Attach them to homework, or wait: what hangs on nothing is forgotten after a day.",
    ),
    row(Code::PayloadTooLarge, "payload-too-large", 413, "The body is too large", "Send at most 256 KiB."),
    row(
        Code::UnsupportedMediaType,
        "unsupported-media-type",
        415,
        "The media type is not understood",
        "Send Content-Type: application/json.",
    ),
    row(
        Code::RangeNotSatisfiable,
        "range-not-satisfiable",
        416,
        "The file has no such range",
        "Ask without Range, or within the size that `detail` names.",
    ),
    row(Code::ValidationFailed, "validation-failed", 422, "The request breaks a rule", "Mend each place in `errors`."),
    row(
        Code::IdempotencyKeyReused,
        "idempotency-key-reused",
        422,
        "The Idempotency-Key belongs to another request",
        "Use a fresh key for every new request.",
    ),
    row(
        Code::TooManyRequests,
        "too-many-requests",
        429,
        "Too many requests",
        "Wait as many seconds as Retry-After says.",
    ),
    row(
        Code::Internal,
        "internal",
        500,
        "Something went wrong here",
        "Try again later; tell the operator the requestId.",
    ),
    row(Code::Busy, "busy", 503, "The server is busy", "Try again after as many seconds as Retry-After says."),
    #[cfg(feature = "rating")]
    row(
        Code::SubscriptionRequired,
        "subscription-required",
        403,
        "This takes a subscription",
        "Ask `availability` what there is for the child, then offer to subscribe or to redeem a voucher.",
    ),
    #[cfg(feature = "rating")]
    row(
        Code::SubscriptionTaken,
        "subscription-taken",
        409,
        "The subscription belongs to another account",
        "Sign in with the account it was bought for.",
    ),
    #[cfg(feature = "rating")]
    row(Code::VoucherSpent, "voucher-spent", 409, "The voucher is spent", "Ask whoever gave it for another one."),
];
