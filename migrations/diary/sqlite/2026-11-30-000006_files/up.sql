-- Files that go with homework. A row without stored_at is being sent in; one that hangs on nothing is forgotten after a day.
CREATE TABLE files (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  -- What the file is called in an archive, where numbers of the database mean nothing.
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- As its bytes say, whatever the sender said.
  media_type TEXT NOT NULL,
  size BIGINT NOT NULL,
  -- Hexadecimal.
  sha256 TEXT NOT NULL,
  -- Who sent it: a member of staff, or a journal; neither after a move.
  staff_id BIGINT REFERENCES staff (id),
  client_id BIGINT REFERENCES clients (id),
  created_at TIMESTAMP NOT NULL,
  stored_at TIMESTAMP,
  UNIQUE (school_id, external_id)
);

-- Its bytes, in pieces that one answer can hold.
CREATE TABLE file_parts (
  file_id BIGINT NOT NULL REFERENCES files (id),
  part INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (file_id, part)
);

CREATE TABLE homework_files (
  homework_id BIGINT NOT NULL REFERENCES homework (id),
  file_id BIGINT NOT NULL REFERENCES files (id),
  place INTEGER NOT NULL,
  PRIMARY KEY (homework_id, file_id)
);
CREATE INDEX homework_files_by_file ON homework_files (file_id);
