//! What a mail server's answer means for a letter and for its address (RFC 5321, enhanced codes of RFC 3463).

use std::time::Duration;

use crate::channel::{Outcome, Reach};

/// Nothing that was refused for now is sent again sooner.
pub const AGAIN: Duration = Duration::from_secs(30 * 60);

/// A server that nobody answers for is looked for again after this.
const LOOK_AGAIN: Duration = Duration::from_secs(60);

/// How handing over a letter failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure<'a> {
    /// The server said this: the code, and the words behind it.
    Said(u16, &'a str),
    /// No connection came about, so nothing was handed over.
    Unreachable,
    /// The connection broke, or the answer made no sense: the server may have it.
    Broken,
    /// No TLS as the settings ask for.
    Tls,
    /// It could not be written.
    Letter,
}

/// What becomes of the letter.
pub(super) fn outcome(failure: Failure<'_>) -> Outcome {
    match failure {
        Failure::Said(code, words) => said(code, enhanced(words)),
        Failure::Unreachable => retry(LOOK_AGAIN, Reach::Lane, false, "unreachable"),
        Failure::Broken => retry(AGAIN, Reach::Delivery, true, "connection-lost"),
        Failure::Tls => Outcome::Pause { at_least: AGAIN, reason: "tls" },
        Failure::Letter => Outcome::Rejected { reason: "letter" },
    }
}

fn said(code: u16, enhanced: Option<(u16, u16)>) -> Outcome {
    match (code, enhanced) {
        // The server closes down, or has had enough of us.
        (421, _) => retry(AGAIN, Reach::Lane, false, "server-closing"),
        (400..=499, _) => retry(AGAIN, Reach::Delivery, false, "refused-for-now"),
        // It wants a log-in, or another one: no letter's fault.
        (530 | 534 | 535 | 538, _) => Outcome::Pause { at_least: AGAIN, reason: "log-in" },
        // A full mailbox is emptied some day.
        (552, _) | (_, Some((2, 2))) => retry(AGAIN, Reach::Delivery, false, "mailbox-full"),
        // Of the first group seven and eight are about the sender.
        (500..=599, Some((1, 7 | 8))) => Outcome::Rejected { reason: "sender-refused" },
        (500..=599, Some((1, _) | (2, 0 | 1))) | (550 | 551 | 553, None | Some((0, _))) => Outcome::AddressDead,
        _ => Outcome::Rejected { reason: "refused" },
    }
}

fn retry(at_least: Duration, reach: Reach, ambiguous: bool, reason: &'static str) -> Outcome {
    Outcome::Retry { at_least: Some(at_least), reach, ambiguous, reason }
}

/// The second and third number of an enhanced code ("5.1.1 no such mailbox").
fn enhanced(words: &str) -> Option<(u16, u16)> {
    let mut numbers = words.split_whitespace().next()?.split('.').map(|number| number.parse().ok());
    let (class, subject, detail) = (numbers.next()??, numbers.next()??, numbers.next()??);
    (matches!(class, 2u16 | 4 | 5) && numbers.next().is_none()).then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(reason: &'static str) -> Outcome {
        retry(AGAIN, Reach::Delivery, false, reason)
    }

    #[test]
    fn only_what_is_said_of_the_mailbox_ends_an_address() {
        let rows = [
            (Failure::Said(550, "5.1.1 no such mailbox"), Outcome::AddressDead),
            (Failure::Said(550, "No such user here"), Outcome::AddressDead),
            (Failure::Said(551, "moved"), Outcome::AddressDead),
            (Failure::Said(553, "mailbox name not allowed"), Outcome::AddressDead),
            (Failure::Said(554, "5.1.10 null MX"), Outcome::AddressDead),
            (Failure::Said(550, "5.2.1 mailbox disabled"), Outcome::AddressDead),
            (Failure::Said(550, "5.2.2 over quota"), again("mailbox-full")),
            (Failure::Said(552, "mailbox full"), again("mailbox-full")),
            (Failure::Said(550, "5.7.1 relaying denied"), Outcome::Rejected { reason: "refused" }),
            (Failure::Said(550, "5.1.8 bad sender's domain"), Outcome::Rejected { reason: "sender-refused" }),
            (Failure::Said(554, "transaction failed"), Outcome::Rejected { reason: "refused" }),
            (Failure::Said(535, "5.7.8 bad credentials"), Outcome::Pause { at_least: AGAIN, reason: "log-in" }),
            (Failure::Said(530, "log in first"), Outcome::Pause { at_least: AGAIN, reason: "log-in" }),
        ];
        for (failure, expected) in rows {
            assert_eq!(outcome(failure), expected, "{failure:?}");
        }
    }

    #[test]
    fn what_may_pass_is_tried_again_after_half_an_hour_at_the_soonest() {
        assert_eq!(outcome(Failure::Said(451, "4.3.0 later")), again("refused-for-now"));
        assert_eq!(outcome(Failure::Said(450, "greylisted")), again("refused-for-now"));
        assert_eq!(outcome(Failure::Said(421, "bye")), retry(AGAIN, Reach::Lane, false, "server-closing"));
        assert_eq!(outcome(Failure::Broken), retry(AGAIN, Reach::Delivery, true, "connection-lost"));
        let away = Some(Duration::from_secs(60));
        let (reach, reason) = (Reach::Lane, "unreachable");
        assert_eq!(outcome(Failure::Unreachable), Outcome::Retry { at_least: away, reach, ambiguous: false, reason });
    }

    #[test]
    fn enhanced_codes_are_told_from_words() {
        assert_eq!(enhanced("5.1.1 no"), Some((1, 1)));
        assert_eq!(enhanced("5.1.1"), Some((1, 1)));
        for words in ["", "no", "5.1 no", "5.1.1.1 no", "127.0.0.1", "9.1.1 no", "5.x.1"] {
            assert_eq!(enhanced(words), None, "{words}");
        }
    }
}
