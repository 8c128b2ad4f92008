//! What wakes workers: a bell in this process, and Redis between processes. It may be lost: workers look for themselves.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use redis::AsyncCommands;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use tokio::sync::Notify;

/// The channel in Redis. What is published says nothing.
const BELL: &str = "apta:alerts";
/// A ring must not cost a writer more than a moment.
const PATIENCE: Duration = Duration::from_millis(50);
/// How long the worker does without Redis before it looks for it again.
const ABSENCE: Duration = Duration::from_secs(5);

/// Cheap to clone.
#[derive(Clone)]
pub struct Signal {
    bell: Arc<Notify>,
    redis: Option<(redis::Client, ConnectionManager)>,
}

impl Signal {
    /// Between processes where there is a Redis, else within this one.
    pub fn new(redis: Option<&str>) -> redis::RedisResult<Self> {
        let bell = Arc::new(Notify::new());
        let Some(url) = redis else { return Ok(Self { bell, redis: None }) };
        let client = redis::Client::open(url)?;
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(0);
        let manager = ConnectionManager::new_lazy_with_config(client.clone(), settings)?;
        Ok(Self { bell, redis: Some((client, manager)) })
    }

    /// Rings in this process.
    pub(crate) fn ring_here(&self) {
        self.bell.notify_one();
    }

    /// Something was written that somebody may want to know.
    pub async fn ring(&self) {
        self.ring_here();
        if let Some((_, manager)) = &self.redis {
            let mut manager = manager.clone();
            let rung = tokio::time::timeout(PATIENCE, manager.publish::<_, _, ()>(BELL, 1)).await;
            if !matches!(rung, Ok(Ok(()))) {
                tracing::debug!("Redis did not take a ring; workers look for themselves");
            }
        }
    }

    /// Waits for a ring.
    pub async fn heard(&self) {
        self.bell.notified().await;
    }

    /// Rings here what is rung elsewhere. Never ends.
    pub(crate) async fn relay(&self) {
        let Some((client, _)) = &self.redis else { return std::future::pending().await };
        loop {
            if let Err(error) = self.listen(client).await {
                tracing::debug!(error.kind = ?error.kind(), "no rings from Redis; the worker looks for itself");
            }
            tokio::time::sleep(ABSENCE).await;
        }
    }

    async fn listen(&self, client: &redis::Client) -> redis::RedisResult<()> {
        let mut bells = client.get_async_pubsub().await?;
        bells.subscribe(BELL).await?;
        let mut rings = bells.on_message();
        while rings.next().await.is_some() {
            self.bell.notify_one();
        }
        Ok(())
    }
}
