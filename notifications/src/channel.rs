//! What carries alerts out of the house: a channel is handed one message for one target and tells what became of it. It
//! knows nothing of the database, and it is called outside of every transaction.

use std::time::Duration;

use domain::alerts::facts::Facts;
pub use domain::types::Lane;
use domain::types::{AlertId, Language, Platform, Privacy};
use futures_util::future::BoxFuture;

/// One way out of the house. `send` is never dropped half way by the worker while its process lives, and a channel bounds
/// its own time: whoever does not know within its limit answers [`Outcome::Retry`] with `ambiguous` set.
pub trait Channel: Send + Sync {
    fn send<'a>(&'a self, target: &'a Target, message: &'a Message) -> BoxFuture<'a, Outcome>;
}

/// Whom a message goes to.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    Device {
        platform: Platform,
        /// The provider's name of this installation.
        token: String,
    },
    Address {
        email: String,
        /// An opaque word; whoever presents it at [`UNSUBSCRIBE`] gets no more letters. `None` for what cannot be switched off.
        unsubscribe: Option<String>,
    },
}

/// Where one click ends letters, below the server's public address; the opaque word comes behind it.
pub const UNSUBSCRIBE: &str = "/v1/unsubscribe/";

/// Shows which kind it is, and nothing personal.
impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device { platform, .. } => write!(f, "Device({platform:?})"),
            Self::Address { .. } => f.write_str("Address"),
        }
    }
}

/// One alert for one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Travels along: an app drops an id it has shown already, and repeats of one letter have one Message-ID.
    pub alert: AlertId,
    /// The same for everything about one thing: what comes later replaces what the phone shows. Opaque, letters and digits,
    /// at most 64 bytes.
    pub collapse: String,
    pub language: Language,
    /// What [`Message::facts`] were cut down to.
    pub privacy: Privacy,
    pub facts: Facts,
    /// How long it is worth showing from now on.
    pub ttl: Duration,
}

/// What became of one sending. Tokens, addresses and texts are in none of them; `reason` is a fixed word for logs and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider has it; `name` is what it calls it.
    Accepted { name: String },
    /// The provider knows no such installation any more.
    TokenDead,
    /// The server refuses this address for good.
    AddressDead,
    /// The provider does not take this token; `wrong_sender`: because it says that it is another project's.
    Quarantine { wrong_sender: bool },
    /// The provider cannot read what we sent: our bug, and nothing of the target's.
    Rejected { reason: &'static str },
    /// To be sent again.
    Retry {
        /// Not before this has passed; without it, as the channel's backoff says.
        at_least: Option<Duration>,
        reach: Reach,
        /// Whether it may have been delivered all the same.
        ambiguous: bool,
        reason: &'static str,
    },
    /// Nothing can leave on this lane before an operator mends something: an alarm, and no failure of this message.
    Pause { at_least: Duration, reason: &'static str },
}

/// Who has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This delivery.
    Delivery,
    /// Everything on its [`Lane`].
    Lane,
}

impl Target {
    pub fn lane(&self) -> Lane {
        match self {
            Self::Device { platform, .. } => Lane::of(*platform),
            Self::Address { .. } => Lane::Email,
        }
    }
}
