-- What stores are told of an account: a random name, never a child or an address.
CREATE TABLE subscribers (
  account_id BIGINT NOT NULL PRIMARY KEY,
  link TEXT NOT NULL UNIQUE,
  created_at TIMESTAMP NOT NULL
);

-- What each source says, as of its last word.
CREATE TABLE subscriptions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL,
  source TEXT NOT NULL CHECK (source IN ('apple', 'google', 'voucher')),
  -- The source's own name of it: original transaction id, purchase token, hash of a voucher's code.
  external_id TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'grace', 'hold', 'paused', 'cancelled', 'expired', 'revoked')),
  expires_at TIMESTAMP,
  -- Set since the source could not be asked.
  unreachable_since TIMESTAMP,
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (source, external_id)
);
CREATE INDEX subscriptions_by_account ON subscriptions (account_id);

-- Vouchers an operator issued; of the code only its hash.
CREATE TABLE vouchers (
  code_hash TEXT NOT NULL PRIMARY KEY,
  months INTEGER NOT NULL,
  -- NULL: for families of any school.
  school_id BIGINT,
  issued_at TIMESTAMP NOT NULL,
  account_id BIGINT,
  redeemed_at TIMESTAMP
);
