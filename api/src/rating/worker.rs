//! The worker of the rating: opens it, releases what is due, reads the letters of stores and asks them what is to be asked. Each
//! minute, and at once when a letter comes. A thread of its own, so that a database or a store that does not answer holds up
//! nothing else.

use std::time::Duration;

use tokio::sync::oneshot;

use super::metrics;
use crate::state::State;

const PAUSE: Duration = Duration::from_secs(60);

/// Works until the sender is dropped, or the process ends: it may be cut off anywhere.
pub fn start(state: &State) -> std::io::Result<oneshot::Sender<()>> {
    let (keep, kept) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let state = state.clone();
    let work = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = kept => {}
                () = forever(&state) => {}
            }
        });
    };
    std::thread::Builder::new().name("rating".to_owned()).spawn(work)?;
    Ok(keep)
}

async fn forever(state: &State) {
    loop {
        if let Err(error) = once(state).await {
            tracing::warn!(error = format!("{error:#}"), "the rating did not get on; tried again in a minute");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = state.rating.woken() => {}
        }
    }
}

/// Everything that is due now, once.
pub async fn once(state: &State) -> anyhow::Result<()> {
    let (rating, now) = (state.rating.open()?, state.clock.now());
    rating.release(now)?;
    rating.read_letters(now).await?;
    rating.reconcile(now).await?;
    metrics::tell(rating, now).await?;
    Ok(())
}
