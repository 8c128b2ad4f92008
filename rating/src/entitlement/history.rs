//! From all that was ever said of a subscription to how it stands: in whatever order it came, and however often.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use serde::{Deserialize, Serialize};

use super::{Known, State};

/// One word of a store, as of a moment of the store's own clock.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    pub at: NaiveDateTime,
    /// The store's own name of it: said twice, it is one.
    pub id: String,
    pub said: Said,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Said {
    /// How the subscription stands as a whole: a store's notification, or its answer to a question.
    Stands { state: State, expires_at: Option<NaiveDateTime> },
    /// One paid period of it, as a phone holds it. It knows nothing of what came before or after.
    Paid { transaction: String, expires_at: NaiveDateTime, revoked_at: Option<NaiveDateTime> },
}

/// How the subscription stands; `None` if nothing was said. The latest word on the whole counts; a paid period counts beside it
/// where it lasts longer, or was taken back later.
pub fn fold(events: &[Event]) -> Option<Known> {
    let stands = events.iter().filter(|event| matches!(event.said, Said::Stands { .. })).max();
    let paid = last_paid(events);
    let known = |state, expires_at| Known { state, expires_at, unreachable: false };
    let Some(Event { at, said: Said::Stands { state, expires_at }, .. }) = stands else {
        return paid
            .map(|(end, revoked)| known(if revoked.is_some() { State::Revoked } else { State::Active }, Some(end)));
    };
    let Some((end, revoked)) = paid.filter(|(end, _)| expires_at.is_none_or(|known| *end >= known)) else {
        return Some(known(*state, *expires_at));
    };
    Some(match revoked {
        Some(revoked) if revoked > *at => known(State::Revoked, Some(end)),
        None if expires_at.is_none_or(|known| end > known) => known(State::Active, Some(end)),
        _ => known(*state, *expires_at),
    })
}

/// The end of the paid period that lasts longest, as it was described last, and when it was taken back.
fn last_paid(events: &[Event]) -> Option<(NaiveDateTime, Option<NaiveDateTime>)> {
    let mut latest: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in events {
        if let Said::Paid { transaction, .. } = &event.said {
            let kept = latest.entry(transaction).or_insert(event);
            *kept = event.max(*kept);
        }
    }
    let ends = latest.values().filter_map(|event| match &event.said {
        Said::Paid { expires_at, revoked_at, .. } => Some((*expires_at, *revoked_at)),
        Said::Stands { .. } => None,
    });
    ends.max()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn at(day: i64) -> NaiveDateTime {
        NaiveDateTime::default() + TimeDelta::days(day)
    }

    fn stands(day: i64, state: State, end: i64) -> Event {
        Event { at: at(day), id: format!("n{day}"), said: Said::Stands { state, expires_at: Some(at(end)) } }
    }

    fn paid(day: i64, transaction: &str, end: i64, revoked: Option<i64>) -> Event {
        let said = Said::Paid { transaction: transaction.to_owned(), expires_at: at(end), revoked_at: revoked.map(at) };
        Event { at: at(day), id: format!("t{day}"), said }
    }

    /// All orders of eight things, by Heap's algorithm.
    fn orders(things: &mut Vec<Event>, size: usize, seen: &mut impl FnMut(&[Event])) {
        if size == 1 {
            return seen(things);
        }
        for place in 0..size {
            orders(things, size - 1, seen);
            things.swap(if size.is_multiple_of(2) { place } else { 0 }, size - 1);
        }
    }

    /// Arrivals one after the other, some of them twice; after each the whole is folded, as it is when rows are written.
    fn ends_in(arrivals: &[Event]) -> Option<Known> {
        let mut rows: Vec<Event> = Vec::new();
        for (place, event) in arrivals.iter().enumerate() {
            for event in [Some(event), (place % 3 == 0).then(|| &arrivals[place / 2])].into_iter().flatten() {
                if !rows.contains(event) {
                    rows.push(event.clone());
                }
            }
        }
        fold(&rows)
    }

    #[test]
    fn every_order_of_a_history_ends_in_the_truth_of_the_store() {
        let histories = [
            // Bought on a phone, renewed, cancelled, taken up again, failed to renew, recovered, paid back.
            (
                vec![
                    paid(0, "1", 30, None),
                    stands(0, State::Active, 30),
                    stands(30, State::Active, 60),
                    stands(40, State::Cancelled, 60),
                    stands(45, State::Active, 60),
                    stands(60, State::Grace, 76),
                    stands(65, State::Active, 90),
                    stands(70, State::Revoked, 90),
                ],
                Known { state: State::Revoked, expires_at: Some(at(90)), unreachable: false },
            ),
            // The store's last words were lost; the phone brings the new period.
            (
                vec![
                    stands(0, State::Pending, 0),
                    stands(1, State::Active, 31),
                    paid(2, "1", 31, None),
                    stands(31, State::Hold, 31),
                    stands(35, State::Paused, 31),
                    stands(36, State::Expired, 31),
                    paid(40, "2", 70, None),
                    paid(41, "1", 31, None),
                ],
                Known { state: State::Active, expires_at: Some(at(70)), unreachable: false },
            ),
            // A phone shows an old period again, after the store had told of the new one.
            (
                vec![
                    stands(0, State::Active, 30),
                    stands(30, State::Active, 60),
                    paid(50, "1", 30, None),
                    stands(52, State::Cancelled, 60),
                    paid(55, "2", 60, None),
                    paid(58, "2", 60, Some(57)),
                    paid(53, "1", 30, None),
                    stands(31, State::Active, 60),
                ],
                Known { state: State::Revoked, expires_at: Some(at(60)), unreachable: false },
            ),
        ];
        for (mut history, truth) in histories {
            let mut tried = 0;
            orders(&mut history, 8, &mut |arrivals| {
                assert_eq!(ends_in(arrivals), Some(truth), "{arrivals:?}");
                tried += 1;
            });
            assert_eq!(tried, 40_320);
        }
    }

    #[test]
    fn nothing_said_is_no_subscription() {
        assert_eq!(fold(&[]), None);
    }
}
