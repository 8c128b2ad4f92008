//! Randomness and hashes of secrets: the one place tokens, codes and their hashes are made.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// A fresh token of 256 random bits, in URL-safe text.
pub fn token() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// A fresh token of 128 random bits, for addresses that open what they name.
pub fn address() -> String {
    URL_SAFE_NO_PAD.encode(random::<16>())
}

/// A code people copy by hand: 16 letters of an alphabet without look-alikes (80 bits), in groups of four.
pub fn code() -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let letters: Vec<char> =
        random::<16>().iter().map(|byte| char::from(*LETTERS.get(usize::from(byte % 32)).unwrap_or(&b'A'))).collect();
    letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// Codes are typed by hand: case, spaces and dashes do not matter.
pub fn code_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_uppercase();
    hash(&plain)
}

/// What is stored of a secret: its SHA-256, in URL-safe text. Enough for secrets of 80 bits and more; passwords use argon2.
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

#[allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "the one random source; without one nothing may go on"
)]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_codes_never_repeat_and_codes_have_no_look_alikes() {
        assert_ne!(token(), token());
        let code = code();
        assert_eq!(code.len(), 19);
        assert!(!code.contains(['0', 'O', '1', 'I']));
    }

    #[test]
    fn a_code_is_the_same_however_it_is_typed() {
        assert_eq!(code_hash("ABCD-EFGH-JKLM-NPQR"), code_hash(" abcd efgh jklmnpqr"));
    }
}
