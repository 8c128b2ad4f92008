-- Whole schools that were copied out, each with the last account that was told of it; NULL: all were.
CREATE TABLE data_exports (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  at TIMESTAMP NOT NULL,
  told_to BIGINT
);
CREATE INDEX data_exports_to_tell ON data_exports (id) WHERE told_to IS NOT NULL;

-- More that an alert may be about. The column is made anew for its longer list.
ALTER TABLE alerts RENAME COLUMN about TO about_before;
ALTER TABLE alerts ADD COLUMN about TEXT CHECK (about IN (
  'hour', 'day', 'week', 'signed-in', 'token-reused', 'child-added', 'child-removed', 'test', 'news', 'guardian-added',
  'data-exported'
));
UPDATE alerts SET about = about_before WHERE about_before IS NOT NULL;
ALTER TABLE alerts DROP COLUMN about_before;
