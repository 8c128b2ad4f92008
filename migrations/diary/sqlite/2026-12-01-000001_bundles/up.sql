-- Until when more may join a bundle. Then its deliveries are made, to the phones there are at that moment. NULL: they were.
ALTER TABLE alerts ADD COLUMN tell_at TIMESTAMP;
CREATE INDEX alerts_to_tell ON alerts (tell_at) WHERE tell_at IS NOT NULL;
CREATE INDEX alerts_to_join ON alerts (account_id, about) WHERE tell_at IS NOT NULL;

-- A list shows what is behind its settle window in the order in which it came there: windows differ.
DROP INDEX alerts_in_inbox;
CREATE INDEX alerts_in_inbox ON alerts (account_id, at, id) WHERE inbox AND NOT superseded;

-- The last account that was told of it; NULL: nobody yet.
ALTER TABLE news ADD COLUMN told_to BIGINT;
