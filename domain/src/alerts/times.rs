//! When an alert may ring: quiet hours and digests, in the local time of the child's school.

use chrono::{
    DateTime, Datelike, Days, Duration, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc, Weekday,
};
use chrono_tz::Tz;

use super::preferences::Quiet;
use crate::types::Digest;

/// When a digest comes: when the school day is over and the family at home.
const EVENING: NaiveTime = match NaiveTime::from_hms_opt(18, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// The end of the quiet hours at `now` (UTC), if it is in them.
pub fn quiet_until(quiet: Option<Quiet>, now: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
    let quiet = quiet?;
    let local = local(now, zone);
    let (time, day) = (local.time(), local.date());
    let over_midnight = quiet.to <= quiet.from;
    let (inside, ends) = if over_midnight {
        let evening = time >= quiet.from;
        (evening || time < quiet.to, if evening { day + Days::new(1) } else { day })
    } else {
        (quiet.from <= time && time < quiet.to, day)
    };
    inside.then(|| utc(ends, quiet.to, zone)).filter(|end| *end > now)
}

/// When the next digest after `now` (UTC) comes: every evening, or on Friday evening; `None` where alerts come one by one.
pub fn digest_at(digest: Digest, now: NaiveDateTime, zone: Tz) -> Option<NaiveDateTime> {
    let today = local(now, zone).date();
    let fits = |day: &NaiveDate| digest == Digest::Daily || day.weekday() == Weekday::Fri;
    let days = (0..=7).map(|ahead| today + Days::new(ahead)).filter(fits);
    let next = days.map(|day| utc(day, EVENING, zone)).find(|at| *at > now);
    next.filter(|_| digest != Digest::None)
}

fn local(now: NaiveDateTime, zone: Tz) -> NaiveDateTime {
    DateTime::<Utc>::from_naive_utc_and_offset(now, Utc).with_timezone(&zone).naive_local()
}

/// A local time in UTC; one that the clocks jump over is the hour behind it, one that comes twice is the first.
fn utc(day: NaiveDate, time: NaiveTime, zone: Tz) -> NaiveDateTime {
    let wanted = day.and_time(time);
    match zone.from_local_datetime(&wanted) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.naive_utc(),
        LocalResult::None => {
            zone.from_local_datetime(&(wanted + Duration::hours(1))).earliest().map_or(wanted, |at| at.naive_utc())
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Asia::Almaty;
    use chrono_tz::Europe::Berlin;

    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    fn time(text: &str) -> NaiveTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_night_ends_in_the_morning_of_the_school() {
        let night = Some(Quiet { from: time("22:00:00"), to: time("07:00:00") });
        let morning = Some(at("2026-11-19T02:00:00"));
        assert_eq!(quiet_until(night, at("2026-11-18T17:00:00"), Almaty), morning, "22:00");
        assert_eq!(quiet_until(night, at("2026-11-18T20:30:00"), Almaty), morning, "01:30");
        assert_eq!(quiet_until(night, at("2026-11-19T01:59:59"), Almaty), morning, "06:59:59");
        assert_eq!(quiet_until(night, at("2026-11-19T02:00:00"), Almaty), None, "07:00");
        assert_eq!(quiet_until(night, at("2026-11-18T16:59:59"), Almaty), None, "21:59:59");
        assert_eq!(quiet_until(None, at("2026-11-18T20:30:00"), Almaty), None);
    }

    #[test]
    fn quiet_hours_within_a_day_end_on_it() {
        let lesson = Some(Quiet { from: time("08:00:00"), to: time("13:00:00") });
        assert_eq!(quiet_until(lesson, at("2026-11-18T04:00:00"), Almaty), Some(at("2026-11-18T08:00:00")));
        assert_eq!(quiet_until(lesson, at("2026-11-18T08:00:00"), Almaty), None);
    }

    #[test]
    fn a_morning_the_clocks_jump_over_comes_an_hour_later() {
        let quiet = Some(Quiet { from: time("22:00:00"), to: time("02:30:00") });
        assert_eq!(quiet_until(quiet, at("2026-03-29T00:00:00"), Berlin), Some(at("2026-03-29T01:30:00")));
    }

    #[test]
    fn a_digest_comes_in_the_evening_or_on_friday() {
        let noon = at("2026-11-18T07:00:00");
        assert_eq!(digest_at(Digest::Daily, noon, Almaty), Some(at("2026-11-18T13:00:00")));
        assert_eq!(digest_at(Digest::Daily, at("2026-11-18T13:00:00"), Almaty), Some(at("2026-11-19T13:00:00")));
        assert_eq!(digest_at(Digest::Weekly, noon, Almaty), Some(at("2026-11-20T13:00:00")));
        assert_eq!(digest_at(Digest::Weekly, at("2026-11-20T13:00:00"), Almaty), Some(at("2026-11-27T13:00:00")));
        assert_eq!(digest_at(Digest::None, noon, Almaty), None);
    }
}
