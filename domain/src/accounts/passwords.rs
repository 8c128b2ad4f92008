//! Passwords: argon2id in a bounded number of threads, so that a storm of log-ins cannot starve the diary.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::Semaphore;

use crate::error::Flaw;
use crate::{Error, Result};

/// Hashes and checks passwords, a few at a time. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    gate: Arc<Semaphore>,
    decoy: Arc<str>,
}

impl Passwords {
    /// At most `at_once` computations side by side.
    pub fn new(at_once: usize) -> Result<Self> {
        Ok(Self { gate: Arc::new(Semaphore::new(at_once.max(1))), decoy: hash_here("a password nobody has")?.into() })
    }

    /// The hash to store, in PHC text.
    pub async fn hash(&self, password: String) -> Result<String> {
        self.compute(move || hash_here(&password)).await?
    }

    /// Whether `password` is the one `hash` was made of. With no hash (no such account) it takes as long and says no.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool> {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| self.decoy.to_string());
        let right = self.compute(move || verify_here(&password, &hash)).await?;
        Ok(right && known)
    }

    async fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let waiting = tokio::time::timeout(std::time::Duration::from_secs(10), Arc::clone(&self.gate).acquire_owned());
        let permit = waiting.await.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)?;
        #[allow(clippy::disallowed_methods, reason = "a computation of tens of milliseconds, bounded by the gate")]
        let done = tokio::task::spawn_blocking(move || {
            let answer = work();
            drop(permit);
            answer
        });
        done.await.map_err(|_| Error::Store("the work panicked".to_owned()))
    }
}

/// OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| Error::Store(format!("argon2: {error}")))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// [`Passwords::hash`] on this thread, for the command line.
pub fn hash_here(password: &str) -> Result<String> {
    let hash = argon2()?.hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|error| Error::Store(format!("argon2: {error}")))
}

fn verify_here(password: &str, hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok()
}

/// The rule for a new password: 8 to 128 characters, no rules of composition, nothing easily guessed, in Kazakh and Russian
/// too; not the login and not a name of the person.
pub fn check(pointer: &'static str, password: &str, personal: &[&str]) -> Result<()> {
    let length = password.chars().count();
    if !(8..=128).contains(&length) {
        return Err(Error::flaw(pointer, "password-length", "A password has 8 to 128 characters."));
    }
    let lower = password.to_lowercase();
    let plain = lower.trim_matches(|c: char| c.is_ascii_digit() || c.is_ascii_punctuation());
    let own = personal.iter().map(|word| word.to_lowercase());
    let guessed = COMMON.contains(&plain) || own.into_iter().any(|word| word.chars().count() > 2 && plain == word);
    if guessed || u8::from(zxcvbn::zxcvbn(password, personal).score()) < 2 {
        let detail = "This password is among the first that are guessed; take a few unrelated words.";
        return Err(Error::Invalid(vec![Flaw::new(pointer, "password-common", detail)]));
    }
    Ok(())
}

/// Words zxcvbn does not know, without the digits people put around them.
const COMMON: &[&str] = &[
    "",
    "астана",
    "алматы",
    "казахстан",
    "қазақстан",
    "шымкент",
    "мектеп",
    "школа",
    "парол",
    "пароль",
    "құпия",
    "құпиясөз",
    "mektep",
    "shkola",
    "kazakhstan",
    "qazaqstan",
    "almaty",
    "astana",
    "kundelik",
    "күнделік",
    "дневник",
    "dnevnik",
    "apta",
    "апта",
    "апа",
    "мама",
    "папа",
    "привет",
    "солнышко",
    "сәлем",
    "балам",
    "bilimal",
    "privet",
    "parol",
    "йцукен",
    "йцукенгшщз",
    "qwertyuiop",
    "любовь",
    "наурыз",
    "ұстаз",
    "учитель",
    "класс",
    "сынып",
    "ученик",
    "оқушы",
    "ата-ана",
    "родитель",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_checked_against_its_own_hash_only() {
        let hash = hash_here("correct horse battery").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(verify_here("correct horse battery", &hash));
        assert!(!verify_here("correct horse batterz", &hash));
        assert!(!verify_here("x", "no hash"));
    }

    #[test]
    fn guessable_passwords_are_refused_in_three_languages() {
        for bad in ["short", "password1", "мектеп2026", "құпиясөз123", "qwerty12345", "12345678", "Казахстан2026!"]
        {
            assert!(check("/password", bad, &[]).is_err(), "{bad}");
        }
        assert!(check("/password", "айгуль2026", &["Айгуль"]).is_err());
        assert!(check("/password", "жылқы аспан терезе", &[]).is_ok());
        assert!(check("/password", "correct horse battery", &[]).is_ok());
        assert!(check("/password", &"ә".repeat(129), &[]).is_err());
    }
}
