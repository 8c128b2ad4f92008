-- The archive a school came from; unfinished until finished_at is set.
CREATE TABLE restores (
  school_id BIGINT NOT NULL PRIMARY KEY REFERENCES schools (id),
  archive_hash TEXT NOT NULL,
  started_at TIMESTAMP NOT NULL,
  finished_at TIMESTAMP
);
