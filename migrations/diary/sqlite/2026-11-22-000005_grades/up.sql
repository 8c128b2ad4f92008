CREATE TABLE assessments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  course_id BIGINT NOT NULL REFERENCES courses (id),
  lesson_id BIGINT REFERENCES lessons (id),
  period_id BIGINT REFERENCES periods (id),
  kind TEXT NOT NULL CHECK (kind IN ('formative', 'section', 'term', 'classwork', 'test', 'homework', 'exam', 'other')),
  title TEXT NOT NULL,
  date DATE NOT NULL,
  -- Hundredths of a point.
  max_points BIGINT,
  -- Hundredths: 100 counts once.
  weight BIGINT NOT NULL DEFAULT 100,
  UNIQUE (school_id, external_id)
);
CREATE INDEX assessments_by_course ON assessments (course_id, date);

-- The state a grade is in now; grade_revisions keeps every state it was ever in.
CREATE TABLE grades (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  child_id BIGINT NOT NULL REFERENCES children (id),
  course_id BIGINT NOT NULL REFERENCES courses (id),
  lesson_id BIGINT REFERENCES lessons (id),
  assessment_id BIGINT REFERENCES assessments (id),
  kind TEXT NOT NULL CHECK (kind IN ('formative', 'section', 'term', 'classwork', 'test', 'homework', 'exam', 'other')),
  status TEXT NOT NULL CHECK (status IN ('graded', 'exempt', 'not-submitted', 'not-assessed')),
  value TEXT,
  points BIGINT,
  max_points BIGINT,
  weight BIGINT NOT NULL DEFAULT 100,
  comment TEXT,
  graded_on DATE NOT NULL,
  recorded_at TIMESTAMP NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  removed BOOLEAN NOT NULL DEFAULT FALSE,
  UNIQUE (school_id, external_id)
);
CREATE INDEX grades_by_child ON grades (child_id, graded_on, id);

-- Append only.
CREATE TABLE grade_revisions (
  grade_id BIGINT NOT NULL REFERENCES grades (id),
  revision INTEGER NOT NULL,
  status TEXT NOT NULL,
  value TEXT,
  points BIGINT,
  max_points BIGINT,
  weight BIGINT NOT NULL,
  comment TEXT,
  removed BOOLEAN NOT NULL DEFAULT FALSE,
  recorded_at TIMESTAMP NOT NULL,
  -- Who wrote it: a member of staff, or NULL for the school's journal.
  staff_id BIGINT REFERENCES staff (id),
  PRIMARY KEY (grade_id, revision)
);

CREATE TABLE period_grades (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  child_id BIGINT NOT NULL REFERENCES children (id),
  subject_id BIGINT NOT NULL REFERENCES subjects (id),
  period_id BIGINT NOT NULL REFERENCES periods (id),
  kind TEXT NOT NULL CHECK (kind IN ('period', 'year', 'exam', 'final')),
  status TEXT NOT NULL CHECK (status IN ('graded', 'exempt', 'not-submitted', 'not-assessed')),
  value TEXT,
  -- Hundredths of a percent.
  percent BIGINT,
  recorded_at TIMESTAMP NOT NULL,
  UNIQUE (school_id, external_id)
);
CREATE INDEX period_grades_by_child ON period_grades (child_id, period_id);
