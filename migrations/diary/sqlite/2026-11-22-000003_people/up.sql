CREATE TABLE staff (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  middle_name TEXT,
  account_id BIGINT REFERENCES accounts (id),
  UNIQUE (school_id, external_id)
);
CREATE INDEX staff_by_account ON staff (account_id);

-- A child is one row for life. `school_id` is the school it attends now (or attended last); `revision` counts what its family can see.
CREATE TABLE children (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  middle_name TEXT,
  birth_date DATE,
  sex TEXT CHECK (sex IN ('female', 'male')),
  account_id BIGINT UNIQUE REFERENCES accounts (id),
  revision BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX children_by_school ON children (school_id);

-- How a school knows a child; external_id is the school's own number of the pupil.
CREATE TABLE enrolments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  child_id BIGINT NOT NULL REFERENCES children (id),
  starts_on DATE NOT NULL,
  ends_on DATE,
  UNIQUE (school_id, external_id)
);
CREATE INDEX enrolments_by_child ON enrolments (child_id);

-- A guardian as one school knows her; the same account may stand behind guardians of several schools.
CREATE TABLE guardians (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  first_name TEXT NOT NULL,
  last_name TEXT NOT NULL,
  middle_name TEXT,
  email TEXT,
  account_id BIGINT REFERENCES accounts (id),
  UNIQUE (school_id, external_id)
);
CREATE INDEX guardians_by_account ON guardians (account_id);

-- account_id repeats the guardian's, so that one indexed read answers «may she?».
CREATE TABLE guardianships (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  guardian_id BIGINT NOT NULL REFERENCES guardians (id),
  child_id BIGINT NOT NULL REFERENCES children (id),
  account_id BIGINT REFERENCES accounts (id),
  relation TEXT NOT NULL,
  starts_at TIMESTAMP NOT NULL,
  ended_at TIMESTAMP
);
CREATE UNIQUE INDEX guardianships_live ON guardianships (guardian_id, child_id) WHERE ended_at IS NULL;
CREATE INDEX guardianships_by_account ON guardianships (account_id, child_id);
CREATE INDEX guardianships_by_child ON guardianships (child_id);

-- Single use; exactly one of the three references is set, by role.
CREATE TABLE invitations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  code_hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL CHECK (role IN ('guardian', 'student', 'teacher', 'school-admin')),
  guardian_id BIGINT REFERENCES guardians (id),
  child_id BIGINT REFERENCES children (id),
  staff_id BIGINT REFERENCES staff (id),
  created_at TIMESTAMP NOT NULL,
  expires_at TIMESTAMP NOT NULL,
  accepted_at TIMESTAMP,
  CHECK ((guardian_id IS NOT NULL) = (role = 'guardian')),
  CHECK ((child_id IS NOT NULL) = (role = 'student')),
  CHECK ((staff_id IS NOT NULL) = (role IN ('teacher', 'school-admin')))
);

-- A school's journal; two secrets may be valid at a time, so that they can be rotated.
CREATE TABLE clients (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  client_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  scopes TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  previous_secret_hash TEXT,
  created_at TIMESTAMP NOT NULL,
  disabled_at TIMESTAMP
);
