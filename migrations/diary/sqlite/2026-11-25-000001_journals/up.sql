-- A journal serves one school or several; clients.school_id stays the first one.
CREATE TABLE client_schools (
  client_id BIGINT NOT NULL REFERENCES clients (id),
  school_id BIGINT NOT NULL REFERENCES schools (id),
  PRIMARY KEY (client_id, school_id)
);
INSERT INTO client_schools (client_id, school_id) SELECT id, school_id FROM clients;

-- Access tokens of journals, kept as SHA-256.
CREATE TABLE client_tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  client_id BIGINT NOT NULL REFERENCES clients (id),
  token_hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL
);
CREATE INDEX client_tokens_by_client ON client_tokens (client_id, expires_at);

-- What a journal's repeated request is answered with; never a code.
CREATE TABLE client_answers (
  client_id BIGINT NOT NULL REFERENCES clients (id),
  key_hash TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  PRIMARY KEY (client_id, key_hash)
);

-- What a journal wrote itself, so that it can reconcile without reading the school: an item's hash and when it last changed.
CREATE TABLE deliveries (
  school_id BIGINT NOT NULL REFERENCES schools (id),
  client_id BIGINT NOT NULL REFERENCES clients (id),
  collection TEXT NOT NULL,
  external_id TEXT NOT NULL,
  item_id BIGINT NOT NULL,
  hash TEXT NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  PRIMARY KEY (school_id, client_id, collection, external_id)
);
CREATE INDEX deliveries_by_time ON deliveries (school_id, client_id, collection, updated_at, external_id);

-- Whoever left no longer acts for the school; lessons and grades keep the name.
ALTER TABLE staff ADD COLUMN left_at TIMESTAMP;

-- The journal that wrote it, where no member of staff did.
ALTER TABLE grade_revisions ADD COLUMN client_id BIGINT REFERENCES clients (id);
