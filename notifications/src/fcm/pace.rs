//! How fast messages leave: never faster than Google's quota allows, and slowly at first.

use std::time::Duration;

/// 80 % of the 600,000 messages a minute that Google lets a project send.
const FASTEST: f64 = 8000.0;

/// A rested sender begins at this: a class's families at once, and nothing like a spike.
const SLOWEST: f64 = 100.0;

/// From the slowest to the fastest it takes this long without a rest.
const WARM_UP: Duration = Duration::from_secs(60);

/// Gives out places in time, one a message. A sender that rests cools down as fast as it warmed up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    next: Duration,
    warm: Duration,
}

impl Pace {
    /// When the next message may leave; `now` and the answer count from one common beginning.
    pub fn book(&mut self, now: Duration) -> Duration {
        self.warm = self.warm.saturating_sub(now.saturating_sub(self.next));
        let place = now.max(self.next);
        let warmth = self.warm.as_secs_f64() / WARM_UP.as_secs_f64();
        let gap = Duration::from_secs_f64(1.0 / (SLOWEST + (FASTEST - SLOWEST) * warmth));
        self.warm = (self.warm + gap).min(WARM_UP);
        self.next = place + gap;
        place
    }

    /// Begins slowly again.
    pub fn cool(&mut self) {
        self.warm = Duration::ZERO;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many messages leave in each second if there are always more.
    fn seconds(pace: &mut Pace, from: u64, count: u64) -> Vec<usize> {
        let mut left = vec![0; usize::try_from(count).unwrap()];
        let mut now = Duration::from_secs(from);
        loop {
            now = pace.book(now);
            let Some(second) = left.get_mut(usize::try_from(now.as_secs() - from).unwrap()) else { return left };
            *second += 1;
        }
    }

    #[test]
    fn it_takes_a_minute_to_the_quota_and_never_goes_beyond() {
        let left = seconds(&mut Pace::default(), 0, 90);
        assert!(left[0] < 250 && left[29] < 4200, "{left:?}");
        assert!(left.windows(2).all(|pair| pair[0] <= pair[1] + 1), "{left:?}");
        assert!(left.iter().all(|count| *count <= 8001), "{left:?}");
        assert!(left[..59].iter().all(|count| *count < 7950) && left[65] >= 7950, "{left:?}");
    }

    #[test]
    fn a_lone_alert_does_not_wait_and_a_rest_cools() {
        let mut pace = Pace::default();
        assert_eq!(pace.book(Duration::from_secs(5)), Duration::from_secs(5));
        seconds(&mut pace, 6, 70);
        let mut rested = pace;
        assert!(seconds(&mut rested, 80 + 120, 1)[0] < 250);
        pace.cool();
        assert!(seconds(&mut pace, 80, 1)[0] < 250);
    }
}
