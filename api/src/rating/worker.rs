//! The worker of the rating: opens it, releases what is due, looks again every minute. A thread of its own, so that a database
//! that does not answer holds up nothing else.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

use crate::state::State;

const PAUSE: Duration = Duration::from_secs(60);

/// Works until the sender is dropped, or the process ends: it may be cut off anywhere.
pub fn start(state: &State) -> std::io::Result<Sender<()>> {
    let (keep, kept) = channel();
    let state = state.clone();
    let work = move || {
        loop {
            if let Err(error) = once(&state) {
                tracing::warn!(error = format!("{error:#}"), "the rating did not get on; tried again in a minute");
            }
            if kept.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    };
    std::thread::Builder::new().name("rating".to_owned()).spawn(work)?;
    Ok(keep)
}

fn once(state: &State) -> anyhow::Result<()> {
    state.rating.open()?.release(state.clock.now())?;
    Ok(())
}
