-- The grading schemes a school wrote itself. A changed scheme is a new version; no version is ever overwritten.
CREATE TABLE grading_schemes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  -- "name/version".
  external_id TEXT NOT NULL,
  name TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- JSON, as domain::assessment::Scheme reads it.
  body TEXT NOT NULL,
  created_at TIMESTAMP NOT NULL,
  UNIQUE (school_id, external_id)
);

-- Which scheme a school grades by in a school year: of all subjects or one, of all levels or one; the most specific counts.
CREATE TABLE scheme_choices (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  -- "school year/subject/level", with * for all: one choice for each.
  external_id TEXT NOT NULL,
  school_year INTEGER NOT NULL,
  subject_id BIGINT REFERENCES subjects (id),
  level INTEGER,
  -- The name of a preset, or of a scheme of the school, whose newest version counts.
  scheme TEXT NOT NULL,
  UNIQUE (school_id, external_id)
);

-- What a closing froze: the engine's result and the journal's own grade, side by side. frozen_at is the moment of the
-- closing, so the rows in force are those with frozen_at = periods.closed_at; those of earlier closings stay.
CREATE TABLE results (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  child_id BIGINT NOT NULL REFERENCES children (id),
  subject_id BIGINT NOT NULL REFERENCES subjects (id),
  period_id BIGINT NOT NULL REFERENCES periods (id),
  kind TEXT NOT NULL CHECK (kind IN ('period', 'year', 'exam', 'final')),
  source TEXT NOT NULL CHECK (source IN ('engine', 'journal')),
  status TEXT NOT NULL CHECK (status IN ('graded', 'exempt', 'not-submitted', 'not-assessed')),
  value TEXT,
  -- JSON: what families read in each language, where the value is a word.
  names TEXT,
  -- Hundredths of a percent.
  percent BIGINT,
  -- The engine's scheme; NULL for the journal's grade.
  scheme TEXT,
  scheme_version INTEGER,
  -- JSON, as domain::assessment::Assessed reads it: how the engine came to it.
  detail TEXT,
  frozen_at TIMESTAMP NOT NULL,
  UNIQUE (child_id, period_id, subject_id, kind, source, frozen_at)
);
CREATE INDEX results_by_period ON results (period_id, frozen_at);
