//! Where a phone is in the feed: one place a child, as the text inside its cursor, and the way from there to now.

use chrono::NaiveDate;
use domain::access::ChildAccess;
use domain::changes::{self, Change, Place, What};
use domain::db::Conn;
use domain::types::{ChildId, EventId, SchoolId};

/// The places of an account's children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The UTC day on which everything up to here was known: from then on the feed must remember.
    pub since: NaiveDate,
    of: Vec<Place>,
}

/// What the phone learns, and where it is then.
pub struct Learnt {
    pub places: Places,
    pub child: ChildId,
    pub what: News,
}

pub enum News {
    Added,
    /// The phone must drop what it may no longer see.
    Removed,
    Change(Box<Change>),
    /// Load the child's views anew.
    Anything,
}

impl Places {
    /// Everything is known today.
    pub fn now(rights: &[ChildAccess], today: NaiveDate) -> Self {
        Self { since: today, of: rights.iter().map(Place::now).collect() }
    }

    /// The text that goes into a cursor.
    pub fn text(&self) -> String {
        let place = |place: &Place| {
            let Place { child, revision, event, school, shared } = place;
            format!("/{}.{revision}.{}.{}.{shared}", child.0, event.0, school.0)
        };
        let places: String = self.of.iter().map(place).collect();
        format!("{}{places}", self.since)
    }

    /// What [`Places::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let since = parts.next()?.parse().ok()?;
        let place = |part: &str| {
            let numbers: Vec<i64> = part.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
            let [child, revision, event, school, shared] = numbers[..] else { return None };
            let (child, event, school) = (ChildId(child), EventId(event), SchoolId(school));
            Some(Place { child, revision, event, school, shared })
        };
        Some(Self { since, of: parts.map(place).collect::<Option<_>>()? })
    }

    fn of_child(&self, child: ChildId) -> Option<Place> {
        self.of.iter().copied().find(|place| place.child == child)
    }

    fn put(&mut self, place: Place) {
        self.of.retain(|other| other.child != place.child);
        self.of.push(place);
    }

    /// At most `limit` things that happened since, child by child in the order of their commits, and whether there are
    /// more. Children that left the list come first. Afterwards these are the places behind them.
    pub fn advance(
        &mut self,
        conn: &mut Conn,
        rights: &[ChildAccess],
        today: NaiveDate,
        limit: usize,
    ) -> domain::Result<(Vec<Learnt>, bool)> {
        let mut learnt = Vec::new();
        let known: Vec<ChildId> = self.of.iter().map(|place| place.child).collect();
        for child in known.into_iter().filter(|child| rights.iter().all(|right| right.child() != *child)) {
            if learnt.len() == limit {
                return Ok((learnt, true));
            }
            self.of.retain(|place| place.child != child);
            learnt.push(Learnt { places: self.clone(), child, what: News::Removed });
        }
        for right in rights {
            let (child, now) = (right.child(), Place::now(right));
            let place = self.of_child(child);
            if place == Some(now) {
                continue;
            }
            if learnt.len() == limit {
                return Ok((learnt, true));
            }
            let Some(place) = place else {
                self.put(now);
                learnt.push(Learnt { places: self.clone(), child, what: News::Added });
                continue;
            };
            let (steps, more) = changes::since(conn, right, &place, limit - learnt.len())?;
            for step in steps {
                self.put(step.place);
                let what = match step.what {
                    What::Event(change) => News::Change(Box::new(change)),
                    What::Anything => News::Anything,
                };
                learnt.push(Learnt { places: self.clone(), child, what });
            }
            if more {
                return Ok((learnt, true));
            }
            self.put(now);
        }
        self.since = today;
        Ok((learnt, false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_they_were_written_and_nothing_else_does() {
        let place = |child, event| Place {
            child: ChildId(child),
            revision: 12,
            event: EventId(event),
            school: SchoolId(1),
            shared: 7,
        };
        let places = Places { since: "2026-11-18".parse().unwrap(), of: vec![place(3, 0), place(4, 99)] };
        assert_eq!(Places::parse(&places.text()), Some(places.clone()));
        let nobodys = Places { of: Vec::new(), ..places };
        assert_eq!(Places::parse(&nobodys.text()), Some(nobodys));
        for bad in [
            "",
            "/",
            "2026-11-18/",
            "2026-11-18/1.2.3.4",
            "2026-11-18/1.2.3.4.5.6",
            "2026-11-18/1.2.3.4.x",
            "1/2.3.4.5.6",
        ] {
            assert_eq!(Places::parse(bad), None, "{bad}");
        }
    }
}
