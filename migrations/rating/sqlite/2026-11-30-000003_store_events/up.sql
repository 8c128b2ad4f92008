-- Every word of a store that was proved, for ever: how a subscription stands is folded from all of them.
CREATE TABLE store_events (
  source TEXT NOT NULL CHECK (source IN ('apple', 'google', 'voucher')),
  event_id TEXT NOT NULL,
  -- The subscription, as in subscriptions.
  external_id TEXT NOT NULL,
  -- By the store's clock.
  at TIMESTAMP NOT NULL,
  -- JSON, as rating::entitlement::history::Said reads it.
  said TEXT NOT NULL,
  -- The name the family bought under, where it was said.
  link TEXT,
  received_at TIMESTAMP NOT NULL,
  PRIMARY KEY (source, event_id)
);
CREATE INDEX store_events_by_subscription ON store_events (source, external_id);

-- What stores sent, kept before it is worked on: notifications of the App Store as they were signed, pushes of Google Play.
CREATE TABLE store_inbox (
  source TEXT NOT NULL CHECK (source IN ('apple', 'google', 'voucher')),
  -- The store's own name of it: sent twice, it is one.
  letter_id TEXT NOT NULL,
  body TEXT NOT NULL,
  received_at TIMESTAMP NOT NULL,
  due_at TIMESTAMP NOT NULL,
  tries INTEGER NOT NULL,
  done_at TIMESTAMP,
  PRIMARY KEY (source, letter_id)
);
CREATE INDEX store_inbox_due ON store_inbox (due_at) WHERE done_at IS NULL;

-- When its store was last asked how the subscription stands.
ALTER TABLE subscriptions ADD COLUMN asked_at TIMESTAMP;
