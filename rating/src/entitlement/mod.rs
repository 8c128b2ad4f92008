//! Who may read the comparison: states of a subscription and what they are worth at a moment. Pure.

pub mod history;

use chrono::{NaiveDateTime, TimeDelta};
use domain::types::Word;
use serde::{Deserialize, Serialize};

/// Clocks differ; the difference is the family's.
const SKEW: TimeDelta = TimeDelta::minutes(5);
/// How long the last known state holds beyond its end while its store cannot be asked.
const UNREACHABLE: TimeDelta = TimeDelta::hours(72);

/// How a subscription stands. None at all is no subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Bought, not paid for yet.
    Pending,
    Active,
    /// The renewal failed, and the store still tries.
    Grace,
    /// The renewal failed, and the store holds the subscription back.
    Hold,
    /// Paused by the family.
    Paused,
    /// Will not renew; good until it ends.
    Cancelled,
    Expired,
    /// Paid back, or taken back.
    Revoked,
}

/// Who vouches for a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    Apple,
    Google,
    Voucher,
}

impl Word for State {
    const NAME: &'static str = "SubscriptionState";
    const ALL: &'static [Self] = &[
        Self::Pending,
        Self::Active,
        Self::Grace,
        Self::Hold,
        Self::Paused,
        Self::Cancelled,
        Self::Expired,
        Self::Revoked,
    ];
    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Grace => "grace",
            Self::Hold => "hold",
            Self::Paused => "paused",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Word for Source {
    const NAME: &'static str = "SubscriptionSource";
    const ALL: &'static [Self] = &[Self::Apple, Self::Google, Self::Voucher];
    fn as_str(self) -> &'static str {
        match self {
            Self::Apple => "apple",
            Self::Google => "google",
            Self::Voucher => "voucher",
        }
    }
}

/// What is known of one subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    pub state: State,
    pub expires_at: Option<NaiveDateTime>,
    /// Its store could not be asked when it was last due.
    pub unreachable: bool,
}

impl Known {
    /// Whether it opens the comparison at `now`. The diary asks no such question.
    pub fn entitles(&self, now: NaiveDateTime) -> bool {
        let good = matches!(self.state, State::Active | State::Grace | State::Cancelled);
        let slack = if self.unreachable { UNREACHABLE } else { SKEW };
        good && self.expires_at.is_some_and(|end| now < end + slack)
    }

    /// The state a family is told at `now`: one that ran out is expired, whatever its source said last.
    pub fn told(&self, now: NaiveDateTime) -> State {
        let runs_out = matches!(self.state, State::Active | State::Grace | State::Cancelled);
        if runs_out && !self.entitles(now) { State::Expired } else { self.state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> NaiveDateTime {
        NaiveDateTime::default() + TimeDelta::minutes(minutes)
    }

    #[test]
    fn only_paid_states_entitle_and_only_until_they_end() {
        for state in State::ALL {
            let known = Known { state: *state, expires_at: Some(at(0)), unreachable: false };
            let good = matches!(state, State::Active | State::Grace | State::Cancelled);
            assert_eq!((known.entitles(at(4)), known.entitles(at(5))), (good, false), "{state:?}");
            assert!(!Known { expires_at: None, ..known }.entitles(at(0)));
        }
    }

    #[test]
    fn a_store_that_cannot_be_asked_costs_nothing_for_three_days() {
        let known = Known { state: State::Active, expires_at: Some(at(0)), unreachable: true };
        assert!(known.entitles(at(72 * 60 - 1)) && !known.entitles(at(72 * 60)));
        let refunded = Known { state: State::Revoked, ..known };
        assert!(!refunded.entitles(at(-1)));
    }

    #[test]
    fn what_ran_out_is_told_as_expired() {
        let known = Known { state: State::Cancelled, expires_at: Some(at(0)), unreachable: false };
        assert_eq!((known.told(at(0)), known.told(at(5))), (State::Cancelled, State::Expired));
    }
}
