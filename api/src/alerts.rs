//! The worker of alerts, put together.

use std::sync::Arc;

use notifications::channel::Channel;
use notifications::email::Email;
use notifications::fcm::Fcm;
use notifications::log::Log;
use notifications::worker::{Channels, Worker};
use secrecy::ExposeSecret;

use crate::config::Mode;
use crate::state::State;

/// A worker of this process with the ways out that are configured. Without a key for pushes nothing is pushed; where that is for
/// trying things out, the log says what would have been.
pub fn worker(state: &State) -> anyhow::Result<Worker> {
    let (config, clock) = (&state.config, state.clock.shared());
    let push: Option<Arc<dyn Channel>> = match Fcm::new(&config.fcm, clock.clone())? {
        Some(fcm) => Some(Arc::new(fcm)),
        None => (config.mode == Mode::Local).then(|| Arc::new(Log) as Arc<dyn Channel>),
    };
    let email = Arc::new(Email::new(state.mailer.clone(), &config.http.public_url, clock.clone()));
    let handles = (state.db.clone(), clock);
    let secret = config.security.key.expose_secret();
    Ok(Worker::new(handles, &config.notifications, secret, Channels { push, email }, state.signal.clone())?)
}
