//! `apta serve` and `apta worker`.

use clap::Args;
use domain::clock::Clock;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

use crate::config::Config;
use crate::state::State;
use crate::{alerts, server, upkeep};

#[derive(Args)]
pub struct Serve {
    /// Leave alerts to `apta worker`.
    #[arg(long)]
    no_worker: bool,
}

impl Serve {
    /// Serves until Ctrl-C or SIGTERM. A database that lacks migrations is brought up to date first.
    pub fn run(self, config: Config) -> anyhow::Result<()> {
        config.check()?;
        domain::db::migrate(&config.database.url)?;
        serve(config, !self.no_worker, |_| Ok(()))
    }
}

/// Serves a database that has been migrated, with a worker of alerts beside it if `work`; `ready` is told the address once it
/// is bound.
pub fn serve(
    config: Config,
    work: bool,
    ready: impl FnOnce(std::net::SocketAddr) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    actix_web::rt::System::new().block_on(async {
        // In here, because pools of connections to mail and Redis need the runtime.
        let state = State::new(config, Clock::System)?;
        state.imports.resume()?;
        let worker = work.then(|| alerts::worker(&state)).transpose()?;
        let bound = server::bind(state.clone(), true)?;
        ready(bound.address)?;
        #[cfg(feature = "rating")]
        let _worker = crate::rating::start(&state)?;
        tracing::info!(address = %bound.address, "serving");
        let (stop, stopped) = oneshot::channel::<()>();
        let told = metrics(&state)?;
        let server = async {
            let ended = tokio::select! {
                ended = bound.server => ended,
                ended = told => ended,
                () = upkeep::run(state) => Ok(()),
            };
            drop(stop);
            ended
        };
        let worker = async {
            if let Some(worker) = worker {
                worker.run(async { drop(stopped.await) }).await;
            }
        };
        let (ended, ()) = tokio::join!(server, worker);
        ended?;
        tracing::info!("stopped");
        Ok(())
    })
}

/// Sends alerts, and does nothing else, until Ctrl-C or SIGTERM.
pub fn work(config: Config) -> anyhow::Result<()> {
    config.check()?;
    domain::db::migrate(&config.database.url)?;
    actix_web::rt::System::new().block_on(async {
        let state = State::new(config, Clock::System)?;
        let worker = alerts::worker(&state)?;
        let mut terminated = signal(SignalKind::terminate())?;
        tracing::info!("sending alerts");
        let told = metrics(&state)?;
        let stop = async {
            tokio::select! {
                _ = terminated.recv() => {}
                _ = tokio::signal::ctrl_c() => {}
                _ = told => {}
            }
        };
        worker.run(stop).await;
        tracing::info!("stopped");
        Ok(())
    })
}

/// Tells metrics, if they are wanted; else it never ends.
fn metrics(state: &State) -> anyhow::Result<impl Future<Output = std::io::Result<()>> + use<>> {
    let bound = crate::metrics::bind(state)?;
    if let Some((_, address)) = &bound {
        tracing::info!(%address, "telling metrics");
    }
    Ok(async {
        match bound {
            Some((server, _)) => server.await,
            None => std::future::pending().await,
        }
    })
}
