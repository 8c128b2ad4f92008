-- Files a school's journal or office sent in, and what became of them. The file itself lies in the data folder until then.
CREATE TABLE imports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  -- The journal that sent it, or NULL for the school's office.
  client_id BIGINT REFERENCES clients (id),
  kind TEXT NOT NULL CHECK (kind IN ('oneroster', 'workbook')),
  dry_run BOOLEAN NOT NULL,
  allow_shrink BOOLEAN NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'done', 'refused')),
  -- JSON, as the command line prints it.
  report TEXT,
  created_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP
);
CREATE INDEX imports_by_school ON imports (school_id, id);
