CREATE TABLE class_groups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  school_year INTEGER NOT NULL,
  level INTEGER,
  name TEXT NOT NULL,
  -- Computed in Rust: one for comparing (look-alike letters folded), one for the Kazakh order.
  match_key TEXT NOT NULL,
  sort_key TEXT NOT NULL,
  shift INTEGER NOT NULL DEFAULT 1,
  language TEXT NOT NULL,
  staff_id BIGINT REFERENCES staff (id),
  UNIQUE (school_id, external_id)
);

CREATE TABLE class_members (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  class_group_id BIGINT NOT NULL REFERENCES class_groups (id),
  child_id BIGINT NOT NULL REFERENCES children (id),
  starts_on DATE NOT NULL,
  ends_on DATE,
  UNIQUE (school_id, external_id)
);
CREATE INDEX class_members_by_child ON class_members (child_id, starts_on);
CREATE INDEX class_members_by_class ON class_members (class_group_id);

-- A subject taught to a class (subgroup NULL) or to a part of it in one school year.
CREATE TABLE courses (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  school_year INTEGER NOT NULL,
  subject_id BIGINT NOT NULL REFERENCES subjects (id),
  class_group_id BIGINT REFERENCES class_groups (id),
  staff_id BIGINT REFERENCES staff (id),
  name TEXT NOT NULL,
  subgroup TEXT,
  UNIQUE (school_id, external_id)
);

CREATE TABLE course_members (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  course_id BIGINT NOT NULL REFERENCES courses (id),
  child_id BIGINT NOT NULL REFERENCES children (id),
  starts_on DATE NOT NULL,
  ends_on DATE,
  UNIQUE (school_id, external_id)
);
CREATE INDEX course_members_by_child ON course_members (child_id, course_id, starts_on, ends_on);
CREATE INDEX course_members_by_course ON course_members (course_id);

CREATE TABLE lessons (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  course_id BIGINT NOT NULL REFERENCES courses (id),
  date DATE NOT NULL,
  number INTEGER NOT NULL,
  starts_at TIME NOT NULL,
  ends_at TIME NOT NULL,
  staff_id BIGINT REFERENCES staff (id),
  room TEXT,
  topic TEXT,
  status TEXT NOT NULL CHECK (status IN ('planned', 'held', 'cancelled', 'substituted', 'moved')),
  -- JSON: {"reason","previousTeacher","previousRoom","previousStartsAt"}
  change TEXT,
  UNIQUE (school_id, external_id)
);
CREATE INDEX lessons_by_course ON lessons (course_id, date);

CREATE TABLE attendance (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  child_id BIGINT NOT NULL REFERENCES children (id),
  lesson_id BIGINT NOT NULL REFERENCES lessons (id),
  date DATE NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('present', 'absent', 'ill', 'late', 'excused')),
  minutes_late INTEGER,
  comment TEXT,
  UNIQUE (school_id, external_id)
);
CREATE UNIQUE INDEX attendance_by_child_and_lesson ON attendance (child_id, lesson_id);
CREATE INDEX attendance_by_child_and_date ON attendance (child_id, date);

CREATE TABLE homework (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  course_id BIGINT NOT NULL REFERENCES courses (id),
  -- The lesson it is due at.
  lesson_id BIGINT REFERENCES lessons (id),
  assigned_on DATE NOT NULL,
  due_on DATE NOT NULL,
  text TEXT NOT NULL,
  -- JSON: [{"id","name","mediaType","size"}]
  attachments TEXT NOT NULL DEFAULT '[]',
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (school_id, external_id)
);
CREATE INDEX homework_by_course ON homework (course_id, due_on);

CREATE TABLE homework_done (
  child_id BIGINT NOT NULL REFERENCES children (id),
  homework_id BIGINT NOT NULL REFERENCES homework (id),
  done_at TIMESTAMP NOT NULL,
  PRIMARY KEY (child_id, homework_id)
);
