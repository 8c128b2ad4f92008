-- What was there before alerts were is told to nobody.
ALTER TABLE events ADD COLUMN planned BOOLEAN NOT NULL DEFAULT TRUE;
CREATE INDEX events_to_plan ON events (id) WHERE NOT planned;
CREATE INDEX child_events_by_event ON child_events (event_id);

-- Where pushes go. A token is one installation's: under another account it moves.
CREATE TABLE devices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  -- It ends with the session it was registered in.
  session_id BIGINT NOT NULL REFERENCES sessions (id),
  installation_id TEXT NOT NULL,
  platform TEXT NOT NULL CHECK (platform IN ('android', 'ios', 'web')),
  push_token TEXT NOT NULL UNIQUE,
  app_version TEXT NOT NULL,
  language TEXT NOT NULL,
  -- How often the provider refused the token; the second time it goes.
  strikes INTEGER NOT NULL,
  -- Nothing goes to it before.
  quarantined_until TIMESTAMP,
  seen_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (account_id, installation_id)
);
CREATE INDEX devices_by_session ON devices (session_id);

-- What somebody wants to hear of, and how; no row: the defaults.
CREATE TABLE alert_preferences (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
  -- NULL: the app's, else the account's.
  language TEXT,
  privacy TEXT NOT NULL CHECK (privacy IN ('generic', 'subject', 'full')),
  -- Local times of the child's school; NULL: none.
  quiet_from TIME,
  quiet_to TIME,
  digest TEXT NOT NULL CHECK (digest IN ('none', 'daily', 'weekly')),
  letters BOOLEAN NOT NULL
);
CREATE TABLE alert_choices (
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  child_id BIGINT NOT NULL REFERENCES children (id),
  kind TEXT NOT NULL CHECK (kind IN (
    'grade', 'homework', 'schedule', 'attendance', 'assessment', 'report-card', 'news', 'message', 'account'
  )),
  push BOOLEAN NOT NULL,
  email TEXT NOT NULL CHECK (email IN ('never', 'fallback', 'always')),
  inbox BOOLEAN NOT NULL,
  threshold TEXT NOT NULL CHECK (threshold IN ('all', 'below', 'above')),
  -- Hundredths of points.
  than BIGINT,
  PRIMARY KEY (account_id, child_id, kind)
) WITHOUT ROWID;

-- One row whatever is told to one account: the inbox, and what deliveries are about.
CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  -- NULL: about the account.
  child_id BIGINT REFERENCES children (id),
  -- NULL: of several kinds, or of none.
  kind TEXT CHECK (kind IN (
    'grade', 'homework', 'schedule', 'attendance', 'assessment', 'report-card', 'news', 'message', 'account'
  )),
  -- What else than a change: several alerts in one, something of the account, a trial.
  about TEXT CHECK (about IN (
    'hour', 'day', 'week', 'signed-in', 'token-reused', 'child-added', 'child-removed', 'test'
  )),
  -- The changes it tells in one, from the first to the last. No references: events are pruned.
  first_event BIGINT,
  last_event BIGINT,
  -- The same for everything about one thing; opaque.
  collapse TEXT NOT NULL,
  -- The alert it is told in together with others.
  bundle_id BIGINT REFERENCES alerts (id),
  inbox BOOLEAN NOT NULL,
  -- Another alert tells it, or nothing is left of it.
  superseded BOOLEAN NOT NULL,
  -- When it is in the inbox: behind its settle window.
  at TIMESTAMP NOT NULL,
  read_at TIMESTAMP,
  UNIQUE (account_id, child_id, last_event)
);
CREATE INDEX alerts_in_inbox ON alerts (account_id, id) WHERE inbox AND NOT superseded;
CREATE INDEX alerts_by_age ON alerts (at);
CREATE INDEX alerts_of_hour ON alerts (account_id, child_id, at);
CREATE INDEX alerts_by_thing ON alerts (collapse) WHERE NOT superseded;
CREATE INDEX alerts_by_bundle ON alerts (bundle_id) WHERE bundle_id IS NOT NULL;

-- One row an alert and a target, from the plan to its one terminal state.
CREATE TABLE alert_deliveries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  alert_id BIGINT NOT NULL REFERENCES alerts (id),
  channel TEXT NOT NULL CHECK (channel IN ('push', 'email')),
  -- The device's id, or the account's. No reference: devices go, what became of their deliveries stays.
  target_id BIGINT NOT NULL,
  lane TEXT NOT NULL CHECK (lane IN ('android', 'ios', 'web', 'email')),
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  -- 0: about the account.
  child_id BIGINT NOT NULL,
  -- As alerts.first_event, for this target: what it heard of before it is not told again.
  first_event BIGINT,
  collapse TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN (
    'pending', 'accepted', 'token-dead', 'expired', 'superseded', 'suppressed', 'dead-letter'
  )),
  reason TEXT,
  due_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  attempts INTEGER NOT NULL,
  -- Moves with every claim: whoever lost it cannot settle.
  epoch BIGINT NOT NULL,
  lease_until TIMESTAMP,
  provider_name TEXT,
  settled_at TIMESTAMP,
  UNIQUE (alert_id, channel, target_id)
);
CREATE INDEX alert_deliveries_due ON alert_deliveries (due_at, id) WHERE state = 'pending';
CREATE INDEX alert_deliveries_in_order ON alert_deliveries (channel, target_id, child_id, id) WHERE state = 'pending';
CREATE INDEX alert_deliveries_open ON alert_deliveries (account_id, collapse) WHERE state = 'pending';
CREATE INDEX alert_deliveries_dead ON alert_deliveries (id) WHERE state = 'dead-letter';

-- Every sending, written before it begins. One without an end may have been delivered.
CREATE TABLE alert_attempts (
  delivery_id BIGINT NOT NULL REFERENCES alert_deliveries (id),
  number INTEGER NOT NULL,
  started_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP,
  outcome TEXT CHECK (outcome IN ('accepted', 'refused', 'ambiguous')),
  PRIMARY KEY (delivery_id, number)
) WITHOUT ROWID;

-- Ways out that must wait.
CREATE TABLE alert_lanes (
  lane TEXT NOT NULL PRIMARY KEY CHECK (lane IN ('android', 'ios', 'web', 'email')),
  paused_until TIMESTAMP NOT NULL,
  reason TEXT NOT NULL
);

-- Addresses a server refused for good, by their hashes.
CREATE TABLE suppressed_addresses (
  address_hash TEXT NOT NULL PRIMARY KEY,
  since TIMESTAMP NOT NULL
);

-- What a letter's one click ends letters with. One an account.
CREATE TABLE letter_links (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
  token TEXT NOT NULL UNIQUE
);
