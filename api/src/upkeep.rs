//! What a server does once a day beside serving.

use std::time::Duration;

use crate::state::State;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Forgets, now and every day, what need not be remembered. Never ends.
pub async fn run(state: State) {
    loop {
        if let Err(error) = forget(&state).await {
            tracing::warn!(%error, "what is old could not be forgotten; tried again tomorrow");
        }
        tokio::time::sleep(DAY).await;
    }
}

/// Forgets the events that no cursor of the feed can still ask for, the alerts that tell of them, and files that hang on nothing.
pub async fn forget(state: &State) -> domain::Result<()> {
    let now = state.clock.now();
    domain::files::prune(&state.db, now - domain::files::PATIENCE).await?;
    let first = now.date() - chrono::Duration::days(state.config.feed.retention_days.into());
    domain::alerts::ledger::prune(&state.db, first.into(), now).await?;
    domain::events::prune(&state.db, first.into()).await
}
