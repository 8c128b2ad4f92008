//! Answers of providers, read with a bound.

use reqwest::Response;

/// No answer worth reading is longer.
const LONGEST: usize = 64 * 1024;

/// Why a body could not be read whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// The whole body, unless it breaks off or grows too long.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, Broken> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Broken)? {
        if body.len() + chunk.len() > LONGEST {
            return Err(Broken);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
