//! What goes wrong at the provider, and when: in order, by chance from a fixed seed, or always.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// What happens to one message instead of being delivered and acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Whether the phone gets it all the same.
    pub delivers: bool,
    pub reply: Bad,
}

/// How the answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bad {
    /// An error of FCM: the general status, FCM's own code if any, `Retry-After` if any.
    Error { status: u16, general: &'static str, code: Option<&'static str>, retry_after: Option<String> },
    /// The connection breaks off.
    Reset,
    /// HTTP/2: the connection is given up, with everything that is under way on it.
    GoAway,
    /// A success whose body is no JSON.
    Junk,
    /// A success whose body breaks off.
    Half,
    /// A success that is long in coming.
    Slow(Duration),
}

impl Fault {
    fn error(status: u16, general: &'static str, code: Option<&'static str>) -> Self {
        Self { delivers: false, reply: Bad::Error { status, general, code, retry_after: None } }
    }

    pub fn unavailable() -> Self {
        Self::error(503, "UNAVAILABLE", Some("UNAVAILABLE"))
    }

    pub fn internal() -> Self {
        Self::error(500, "INTERNAL", Some("INTERNAL"))
    }

    pub fn quota(retry_after: Option<&str>) -> Self {
        let Self { delivers, reply } = Self::error(429, "RESOURCE_EXHAUSTED", Some("QUOTA_EXCEEDED"));
        let Bad::Error { status, general, code, .. } = reply else { unreachable!() };
        let retry_after = retry_after.map(str::to_owned);
        Self { delivers, reply: Bad::Error { status, general, code, retry_after } }
    }

    pub fn unauthenticated() -> Self {
        Self::error(401, "UNAUTHENTICATED", None)
    }

    pub fn third_party() -> Self {
        Self::error(401, "UNAUTHENTICATED", Some("THIRD_PARTY_AUTH_ERROR"))
    }

    pub fn wrong_sender() -> Self {
        Self::error(403, "PERMISSION_DENIED", Some("SENDER_ID_MISMATCH"))
    }

    pub fn forbidden() -> Self {
        Self::error(403, "PERMISSION_DENIED", None)
    }

    pub fn unregistered() -> Self {
        Self::error(404, "NOT_FOUND", Some("UNREGISTERED"))
    }

    pub fn bad_token() -> Self {
        Self::error(400, "INVALID_ARGUMENT", Some("INVALID_ARGUMENT"))
    }

    /// The message cannot be read, whoever it is for.
    pub fn bad_message() -> Self {
        Self::error(400, "INVALID_ARGUMENT", None)
    }

    pub fn bad(reply: Bad) -> Self {
        Self { delivers: false, reply }
    }

    /// The same, but the phone gets the message.
    #[must_use]
    pub fn delivered(self) -> Self {
        Self { delivers: true, ..self }
    }
}

/// In a word or two, as a sheet tells of it.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.reply {
            Bad::Error { status, .. } => write!(f, "{status}")?,
            Bad::Slow(long) => write!(f, "slow {} s", long.as_secs())?,
            other => write!(f, "{}", format!("{other:?}").to_lowercase())?,
        }
        if self.delivers { f.write_str(" delivered") } else { Ok(()) }
    }
}

/// Faults to come. Those in order come first, then those by chance, then what always goes wrong.
#[derive(Debug, Default)]
pub struct Script {
    next: VecDeque<Option<Fault>>,
    chances: Vec<(f64, Fault)>,
    dice: Option<ChaCha8Rng>,
    always: Option<Fault>,
}

impl Script {
    /// The next messages meet these; `None` is one that goes well.
    pub fn next(&mut self, faults: impl IntoIterator<Item = Option<Fault>>) {
        self.next.extend(faults);
    }

    /// Each message meets each fault with its probability, by dice from `seed`.
    pub fn chances(&mut self, seed: u64, chances: Vec<(f64, Fault)>) {
        (self.chances, self.dice) = (chances, Some(ChaCha8Rng::seed_from_u64(seed)));
    }

    /// Every message meets this, until it is told otherwise.
    pub fn always(&mut self, fault: Option<Fault>) {
        self.always = fault;
    }

    /// All goes well from now on.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn draw(&mut self) -> Option<Fault> {
        if let Some(fault) = self.next.pop_front() {
            return fault;
        }
        if let Some(dice) = &mut self.dice {
            let mut roll: f64 = dice.random();
            for (chance, fault) in &self.chances {
                if roll < *chance {
                    return Some(fault.clone());
                }
                roll -= chance;
            }
        }
        self.always.clone()
    }
}
