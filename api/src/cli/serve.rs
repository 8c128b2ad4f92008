//! `apta serve`.

use domain::clock::Clock;

use crate::config::Config;
use crate::server;
use crate::state::State;

/// Serves until Ctrl-C or SIGTERM. A database that lacks migrations is brought up to date first.
pub fn run(config: Config) -> anyhow::Result<()> {
    config.check()?;
    domain::db::migrate(&config.database.url)?;
    serve(State::new(config, Clock::System)?, |_| Ok(()))
}

/// Serves `state`; `ready` is told the address once it is bound.
pub fn serve(state: State, ready: impl FnOnce(std::net::SocketAddr) -> anyhow::Result<()>) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        let bound = server::bind(state, true)?;
        ready(bound.address)?;
        tracing::info!(address = %bound.address, "serving");
        bound.server.await?;
        tracing::info!("stopped");
        Ok(())
    })
}
