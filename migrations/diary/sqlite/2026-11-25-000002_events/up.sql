-- What families can see and that changed, one row a change, whoever it concerns; written in the change's own transaction and
-- kept for the time of the change feed. Language-neutral: the reader's language is chosen when it is read.
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  kind TEXT NOT NULL CHECK (kind IN (
    'grade.created', 'grade.changed', 'grade.removed', 'homework.created', 'homework.changed', 'homework.removed',
    'lesson.created', 'lesson.changed', 'lesson.removed', 'attendance.created', 'attendance.changed', 'attendance.removed',
    'period-grade.created', 'period-grade.changed', 'period-grade.removed',
    'assessment.created', 'assessment.changed', 'assessment.removed', 'child.added', 'child.removed'
  )),
  -- The id of what changed; of child.* the child's.
  entity_id BIGINT NOT NULL,
  -- JSON: as it is since; of *.removed as it was last; NULL for child.*.
  entity TEXT,
  -- JSON: as it was before; only for *.changed.
  previous TEXT,
  -- Whose list of children changed; only for child.*.
  account_id BIGINT REFERENCES accounts (id),
  -- Told to phones, never alerted: an import, a first delivery.
  baseline BOOLEAN NOT NULL,
  at TIMESTAMP NOT NULL
);
CREATE INDEX events_of_accounts ON events (account_id, entity_id, id) WHERE account_id IS NOT NULL;

-- Whom an event concerns, under the number the change has in that child's diary. No reference to events: both are pruned by
-- ranges of their keys, and a check of every pruned event would read this table.
CREATE TABLE child_events (
  child_id BIGINT NOT NULL REFERENCES children (id),
  revision BIGINT NOT NULL,
  event_id BIGINT NOT NULL,
  PRIMARY KEY (child_id, revision, event_id)
) WITHOUT ROWID;
