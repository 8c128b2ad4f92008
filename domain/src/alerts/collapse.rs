//! Collapse keys: one for everything about one thing told to one account, so that a phone shows the last of it. They tell
//! nobody who has not the key what they are about.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::types::{AccountId, ChildId};
use crate::{Error, Result};

/// What collapse keys are made with.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key")
    }
}

impl Key {
    /// From a secret of any length, the same in all processes.
    pub fn new(secret: &str) -> Result<Self> {
        let unfit = |_| Error::Store("the secret cannot be a key".to_owned());
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(unfit)?;
        mac.update(b"alerts\n");
        Ok(Self(mac))
    }

    /// The key of `what` of a child for an account: 32 letters and digits.
    pub fn of(&self, account: AccountId, child: ChildId, what: (&str, i64)) -> String {
        let mut mac = self.0.clone();
        mac.update(format!("{} {} {} {}", account.0, child.0, what.0, what.1).as_bytes());
        let sealed: [u8; 32] = mac.finalize().into_bytes().into();
        let half = sealed.iter().take(16).fold(0_u128, |half, byte| (half << 8) | u128::from(*byte));
        format!("{half:032x}")
    }
}
