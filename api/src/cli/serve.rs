//! `apta serve`.

use domain::clock::Clock;

use crate::config::Config;
use crate::state::State;
use crate::{server, upkeep};

/// Serves until Ctrl-C or SIGTERM. A database that lacks migrations is brought up to date first.
pub fn run(config: Config) -> anyhow::Result<()> {
    config.check()?;
    domain::db::migrate(&config.database.url)?;
    serve(config, |_| Ok(()))
}

/// Serves a database that has been migrated; `ready` is told the address once it is bound.
pub fn serve(config: Config, ready: impl FnOnce(std::net::SocketAddr) -> anyhow::Result<()>) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        // In here, because pools of connections to mail and Redis need the runtime.
        let state = State::new(config, Clock::System)?;
        state.imports.resume()?;
        let bound = server::bind(state.clone(), true)?;
        ready(bound.address)?;
        tracing::info!(address = %bound.address, "serving");
        tokio::select! {
            stopped = bound.server => stopped?,
            () = upkeep::run(state) => {}
        }
        tracing::info!("stopped");
        Ok(())
    })
}
