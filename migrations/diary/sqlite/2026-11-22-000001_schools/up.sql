-- A school and what its families share; `revision` moves when any of that changes.
CREATE TABLE schools (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  languages TEXT NOT NULL,
  -- JSON: [{"from","to","names"}], the days without lessons.
  days_off TEXT NOT NULL DEFAULT '[]',
  revision BIGINT NOT NULL DEFAULT 0,
  created_at TIMESTAMP NOT NULL
);

-- Grading periods and, with kind 'year', the school year itself; school_year is the year it starts.
CREATE TABLE periods (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('year', 'semester', 'quarter')),
  school_year INTEGER NOT NULL,
  names TEXT NOT NULL,
  starts_on DATE NOT NULL,
  ends_on DATE NOT NULL,
  closed_at TIMESTAMP,
  UNIQUE (school_id, external_id)
);
CREATE INDEX periods_by_school_and_start ON periods (school_id, starts_on);

CREATE TABLE bells (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  shift INTEGER NOT NULL,
  number INTEGER NOT NULL,
  starts_at TIME NOT NULL,
  ends_at TIME NOT NULL,
  UNIQUE (school_id, external_id)
);

CREATE TABLE subjects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  names TEXT NOT NULL,
  UNIQUE (school_id, external_id)
);
