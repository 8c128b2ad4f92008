-- Who may be counted: every answer ever given, the last one before a release counts. The one table with children in it.
CREATE TABLE counting (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  child_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  counted BOOLEAN NOT NULL,
  text_version TEXT NOT NULL,
  language TEXT NOT NULL,
  at TIMESTAMP NOT NULL
);
CREATE INDEX counting_by_child ON counting (child_id, at, id);

-- Which classes stand alone in a subject, settled at its first release of a school year; the others are their level's parallel.
CREATE TABLE settled (
  class_group_id BIGINT NOT NULL,
  subject_id BIGINT NOT NULL,
  school_id BIGINT NOT NULL,
  school_year INTEGER NOT NULL,
  alone BOOLEAN NOT NULL,
  PRIMARY KEY (class_group_id, subject_id)
);
CREATE INDEX settled_by_subject ON settled (school_id, school_year, subject_id);

-- The budget: every release there ever was, one for each unit, never changed. The unit is spelt as rating::unit::Unit does.
CREATE TABLE releases (
  unit TEXT NOT NULL PRIMARY KEY,
  school_id BIGINT NOT NULL,
  school_year INTEGER NOT NULL,
  subject_id BIGINT NOT NULL,
  period_id BIGINT NOT NULL,
  line BIGINT NOT NULL,
  -- Hundredths.
  epsilon BIGINT NOT NULL,
  mechanism TEXT NOT NULL,
  code_version TEXT NOT NULL,
  released_at TIMESTAMP NOT NULL
);
CREATE INDEX releases_by_period ON releases (period_id);
CREATE INDEX releases_by_subject ON releases (school_id, school_year, subject_id);

-- The closings that were gone through, whatever came of them.
CREATE TABLE rounds (
  period_id BIGINT NOT NULL,
  closed_at TIMESTAMP NOT NULL,
  done_at TIMESTAMP NOT NULL,
  PRIMARY KEY (period_id, closed_at)
);
