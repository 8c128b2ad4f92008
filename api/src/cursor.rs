//! Cursors: places in a list, sealed for one viewer and one filter, so that nobody can forge or lend one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::types::AccountId;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::problem::{Code, Problem};

/// Bytes of the seal that travel with a cursor.
const SEAL: usize = 16;

/// Seals and opens cursors.
#[derive(Clone)]
pub struct Cursors {
    key: Hmac<Sha256>,
}

impl Cursors {
    /// With a key of any length.
    pub fn new(key: &str) -> anyhow::Result<Self> {
        Ok(Self { key: Hmac::new_from_slice(key.as_bytes())? })
    }

    /// A cursor at `place` that only `owner` may use, and only with the same `filter`.
    pub fn seal(&self, owner: AccountId, filter: &str, place: &str) -> String {
        let mut sealed = self.mac(owner, filter, place);
        sealed.truncate(SEAL);
        sealed.extend_from_slice(place.as_bytes());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    /// The place, if this cursor was sealed for this owner and filter.
    pub fn open(&self, owner: AccountId, filter: &str, cursor: &str) -> Result<String, Problem> {
        let wrong = || Problem::new(Code::BadCursor);
        let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| wrong())?;
        let (seal, place) = bytes.split_at_checked(SEAL).ok_or_else(wrong)?;
        let place = std::str::from_utf8(place).map_err(|_| wrong())?;
        let mut mac = self.key.clone();
        mac.update(&Self::message(owner, filter, place));
        mac.verify_truncated_left(seal).map_err(|_| wrong())?;
        Ok(place.to_owned())
    }

    /// A name nobody can turn back, for counting something by.
    pub fn veil(&self, what: &str) -> String {
        let mut sealed = self.mac(AccountId(0), "veil", what);
        sealed.truncate(SEAL);
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn mac(&self, owner: AccountId, filter: &str, place: &str) -> Vec<u8> {
        let mut mac = self.key.clone();
        mac.update(&Self::message(owner, filter, place));
        mac.finalize().into_bytes().to_vec()
    }

    fn message(owner: AccountId, filter: &str, place: &str) -> Vec<u8> {
        format!("{}\n{}\n{filter}\n{place}", owner.0, filter.len()).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_owner_and_filter_only() {
        let cursors = Cursors::new("a key").unwrap();
        let cursor = cursors.seal(AccountId(1), "grades", "2026-11-02/17");
        assert_eq!(cursors.open(AccountId(1), "grades", &cursor).unwrap(), "2026-11-02/17");
        assert!(cursors.open(AccountId(2), "grades", &cursor).is_err());
        assert!(cursors.open(AccountId(1), "grades?subject=1", &cursor).is_err());
        for bad in ["", "AAAA", "%%%", &cursor[1..]] {
            assert!(cursors.open(AccountId(1), "grades", bad).is_err(), "{bad}");
        }
    }
}
