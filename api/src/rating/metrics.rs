//! What an operator watches of the rating: subscriptions, releases, the budget. No child and no class is in it.

use ::metrics::gauge;
use ::rating::Rating;
use ::rating::entitlement::{Source, State};
use ::rating::subscriptions;
use chrono::NaiveDateTime;
use domain::types::Word;

/// Tells how things stand. Done by the worker: who asks for metrics never waits for the rating's database.
#[allow(clippy::cast_precision_loss, reason = "counts of rows")]
pub async fn tell(rating: &Rating, now: NaiveDateTime) -> domain::Result<()> {
    let status = rating.own().read(move |conn| subscriptions::status(conn, now)).await?;
    for source in Source::ALL {
        for state in State::ALL {
            let found = status.subscriptions.iter().find(|(of, is, _)| (of, is) == (source, state));
            let labels = [("source", source.as_str()), ("state", state.as_str())];
            gauge!("apta_rating_subscriptions", &labels).set(found.map_or(0, |(.., count)| *count) as f64);
        }
    }
    for (year, releases, most) in &status.releases {
        gauge!("apta_rating_releases", "school_year" => year.to_string()).set(*releases as f64);
        gauge!("apta_rating_budget_spent", "school_year" => year.to_string()).set(*most as f64);
    }
    gauge!("apta_rating_vouchers", "state" => "issued").set(status.vouchers.0 as f64);
    gauge!("apta_rating_vouchers", "state" => "redeemed").set(status.vouchers.1 as f64);
    gauge!("apta_rating_letters_waiting").set(status.letters as f64);
    Ok(())
}
