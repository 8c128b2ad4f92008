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
