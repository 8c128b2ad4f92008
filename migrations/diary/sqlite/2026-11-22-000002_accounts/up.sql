-- One account a person; whom it stands for hangs on guardians, children and staff.
CREATE TABLE accounts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login_key TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('guardian', 'student', 'teacher', 'school-admin', 'operator')),
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  middle_name TEXT,
  display_name TEXT,
  birth_date DATE,
  sex TEXT CHECK (sex IN ('female', 'male')),
  language TEXT NOT NULL,
  email TEXT,
  phone TEXT,
  disabled_at TIMESTAMP,
  created_at TIMESTAMP NOT NULL
);

-- One row a signed-in device; both tokens are kept as SHA-256 and rotate in place.
CREATE TABLE sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  device_name TEXT NOT NULL,
  platform TEXT NOT NULL CHECK (platform IN ('android', 'ios', 'web')),
  access_hash TEXT NOT NULL UNIQUE,
  access_expires_at TIMESTAMP NOT NULL,
  family_hash TEXT NOT NULL UNIQUE,
  refresh_hash TEXT NOT NULL,
  -- The token spent last, honoured until its successor is first used.
  spent_hash TEXT,
  refresh_expires_at TIMESTAMP NOT NULL,
  created_at TIMESTAMP NOT NULL,
  last_used_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP,
  ended_by TEXT CHECK (ended_by IN ('sign-out', 'password', 'reuse', 'disabled'))
);
CREATE INDEX sessions_by_account ON sessions (account_id);

CREATE TABLE password_resets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  token_hash TEXT NOT NULL UNIQUE,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  used_at TIMESTAMP
);
CREATE INDEX password_resets_by_account ON password_resets (account_id);

-- What a repeated request is answered with; never a token.
CREATE TABLE idempotent_answers (
  account_id BIGINT NOT NULL REFERENCES accounts (id),
  key_hash TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  status INTEGER NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (account_id, key_hash)
);
