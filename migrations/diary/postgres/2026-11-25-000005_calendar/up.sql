-- Who may read an account's calendar: whoever holds the token, of which only the hash is kept. One an account.
CREATE TABLE calendar_feeds (
  account_id BIGINT NOT NULL PRIMARY KEY REFERENCES accounts (id),
  token_hash TEXT NOT NULL UNIQUE,
  created_at TIMESTAMP NOT NULL
);
