//! Limits on log-in, reset and acceptance: counted in Redis where there is one, in this process otherwise and meanwhile.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use secrecy::ExposeSecret;

use crate::config::Config;
use crate::cursor::Cursors;
use crate::problem::{Code, Problem};

/// What is limited, and by what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Log-ins from one address.
    LoginByAddress,
    /// Log-ins to one account from one address: a source is locked out, never the account.
    LoginByAccount,
    /// Refreshes from one address.
    Refresh,
    ResetByAddress,
    /// Resets of one account.
    ResetByAccount,
    /// Codes tried from one address.
    Accept,
    /// Tokens of journals asked for from one address.
    Token,
    /// Trials of an account's phones.
    Trial,
}

impl Limit {
    const ALL: [Self; 8] = [
        Self::LoginByAddress,
        Self::LoginByAccount,
        Self::Refresh,
        Self::ResetByAddress,
        Self::ResetByAccount,
        Self::Accept,
        Self::Token,
        Self::Trial,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::LoginByAddress => "login-address",
            Self::LoginByAccount => "login-account",
            Self::Refresh => "refresh",
            Self::ResetByAddress => "reset-address",
            Self::ResetByAccount => "reset-account",
            Self::Accept => "accept",
            Self::Token => "token",
            Self::Trial => "trial",
        }
    }

    /// How many at once, and in how many seconds they come back. A school's families may share one address.
    fn quota(self) -> (u32, u32) {
        match self {
            Self::LoginByAddress | Self::Token => (60, 60),
            Self::LoginByAccount | Self::Trial => (10, 600),
            Self::Refresh => (300, 60),
            Self::ResetByAddress => (20, 3600),
            Self::ResetByAccount => (3, 3600),
            Self::Accept => (20, 600),
        }
    }
}

/// Where a caller stands with a limit, for the `RateLimit` headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub limit: Limit,
    pub remaining: u32,
}

impl Standing {
    /// The values of `RateLimit-Policy` and `RateLimit`.
    pub fn headers(self) -> (String, String) {
        let (most, seconds) = self.limit.quota();
        let name = self.limit.name();
        (format!("\"{name}\";q={most};w={seconds}"), format!("\"{name}\";r={};t={seconds}", self.remaining))
    }
}

/// Counts in this process, or for all instances in Redis.
#[derive(Clone)]
pub enum Limiter {
    Off,
    Local(Arc<Local>),
    Redis(Box<Shared>),
}

type Counter = RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// One counter a limit.
pub struct Local {
    limiters: Vec<(Limit, Counter)>,
    veil: Cursors,
}

#[derive(Clone)]
pub struct Shared {
    redis: ConnectionManager,
    local: Arc<Local>,
}

/// GCRA in one round trip: KEYS[1] holds when the next one would be due, in microseconds of Redis' own clock.
const GCRA: &str = r"
local now = redis.call('TIME'); now = now[1] * 1000000 + now[2]
local step, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
local wait = due - now - step * (burst - 1)
if wait > 0 then return {-1, math.ceil(wait / 1000000)} end
redis.call('SET', KEYS[1], string.format('%.0f', due + step), 'PX', math.ceil((due + step - now) / 1000))
return {math.floor((step * burst - (due + step - now)) / step), 0}
";

impl Limiter {
    pub fn new(config: &Config, veil: Cursors) -> anyhow::Result<Self> {
        if config.security.limits == 0 {
            return Ok(Self::Off);
        }
        let local = Arc::new(Local::new(veil));
        let Some(url) = &config.redis.url else { return Ok(Self::Local(local)) };
        let client = redis::Client::open(url.expose_secret())?;
        // A limit must not cost a parent more than a moment: without an answer by then, the process counts for itself.
        let settings = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(300)))
            .set_response_timeout(Some(Duration::from_millis(200)))
            .set_number_of_retries(1);
        let redis = ConnectionManager::new_lazy_with_config(client, settings)?;
        Ok(Self::Redis(Box::new(Shared { redis, local })))
    }

    /// Takes one of what is left, by `what` (an address, a login: never kept in the clear); 429 if nothing is.
    pub async fn take(&self, limit: Limit, what: &str) -> Result<Option<Standing>, Problem> {
        match self {
            Self::Off => Ok(None),
            Self::Local(local) => local.take(limit, what).map(Some),
            Self::Redis(shared) => match shared.take(limit, what).await {
                Ok(answer) => answer.map(Some),
                Err(error) => {
                    tracing::warn!(error.kind = ?error.kind(), limit = limit.name(), "Redis did not answer; counting here");
                    shared.local.take(limit, what).map(Some)
                }
            },
        }
    }
}

impl Local {
    fn new(veil: Cursors) -> Self {
        let limiter = |limit: Limit| {
            let (most, seconds) = limit.quota();
            let most = NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN);
            let period = Duration::from_secs(seconds.into()) / most.get();
            let quota = Quota::with_period(period).unwrap_or(Quota::per_second(most)).allow_burst(most);
            (limit, RateLimiter::keyed(quota).with_middleware::<StateInformationMiddleware>())
        };
        Self { limiters: Limit::ALL.into_iter().map(limiter).collect(), veil }
    }

    fn take(&self, limit: Limit, what: &str) -> Result<Standing, Problem> {
        let Some((_, limiter)) = self.limiters.iter().find(|(one, _)| *one == limit) else {
            return Err(Problem::new(Code::Internal));
        };
        if limiter.len() > 100_000 {
            limiter.retain_recent();
        }
        match limiter.check_key(&self.veil.veil(what)) {
            Ok(left) => Ok(Standing { limit, remaining: left.remaining_burst_capacity() }),
            Err(wait) => Err(too_many(wait.wait_time_from(DefaultClock::default().now()).as_secs() + 1)),
        }
    }
}

impl Shared {
    async fn take(&self, limit: Limit, what: &str) -> redis::RedisResult<Result<Standing, Problem>> {
        let (most, seconds) = limit.quota();
        let key = format!("apta:limit:{}:{}", limit.name(), self.local.veil.veil(what));
        let (remaining, wait): (i64, u64) = redis::Script::new(GCRA)
            .key(key)
            .arg(u64::from(seconds) * 1_000_000 / u64::from(most))
            .arg(most)
            .invoke_async(&mut self.redis.clone())
            .await?;
        Ok(u32::try_from(remaining).map(|remaining| Standing { limit, remaining }).map_err(|_| too_many(wait)))
    }
}

fn too_many(seconds: u64) -> Problem {
    Problem { retry_after: Some(seconds.max(1)), ..Problem::new(Code::TooManyRequests) }
}
