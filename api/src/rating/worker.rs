//! The worker of the rating: opens it, releases what is due, reads the letters of stores and asks them what is to be asked. Each
//! minute, and at once when a letter comes. A thread of its own, so that a database or a store that does not answer holds up
//! nothing else.

use std::time::Duration;

use domain::clock::Clock;
use tokio::sync::oneshot;

use super::{Holder, metrics};
use crate::state::State;

const PAUSE: Duration = Duration::from_secs(60);

/// Works until the sender is dropped, or the process ends: it may be cut off anywhere.
pub fn start(state: &State) -> std::io::Result<oneshot::Sender<()>> {
    let (keep, kept) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // No more than it needs: of the rest something may have to end within the server's own runtime.
    let (rating, clock) = (state.rating.clone(), state.clock.clone());
    let work = move || {
        runtime.block_on(async {
            tokio::select! {
                _ = kept => {}
                () = forever(&rating, &clock) => {}
            }
        });
    };
    std::thread::Builder::new().name("rating".to_owned()).spawn(work)?;
    Ok(keep)
}

async fn forever(rating: &Holder, clock: &Clock) {
    loop {
        if let Err(error) = once(rating, clock).await {
            tracing::warn!(error = format!("{error:#}"), "the rating did not get on; tried again in a minute");
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = rating.woken() => {}
        }
    }
}

/// Everything that is due now, once.
async fn once(rating: &Holder, clock: &Clock) -> anyhow::Result<()> {
    let (rating, now) = (rating.open()?, clock.now());
    rating.release(now)?;
    rating.read_letters(now).await?;
    rating.reconcile(now).await?;
    metrics::tell(rating, now).await?;
    Ok(())
}
