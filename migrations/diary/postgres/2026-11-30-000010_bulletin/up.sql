-- When families are to be told of it; NULL: they were, or never are to be.
ALTER TABLE news ADD COLUMN tell_at TIMESTAMP;
CREATE INDEX news_to_tell ON news (tell_at) WHERE tell_at IS NOT NULL;

-- More that an alert may be about: news, another guardian. The column is made anew for its longer list.
ALTER TABLE alerts RENAME COLUMN about TO about_before;
ALTER TABLE alerts ADD COLUMN about TEXT CHECK (about IN (
  'hour', 'day', 'week', 'signed-in', 'token-reused', 'child-added', 'child-removed', 'test', 'news', 'guardian-added'
));
UPDATE alerts SET about = about_before WHERE about_before IS NOT NULL;
ALTER TABLE alerts DROP COLUMN about_before;

-- The news it is about. No reference: what is taken back leaves its alerts behind, superseded.
ALTER TABLE alerts ADD COLUMN news_id BIGINT;
CREATE INDEX alerts_by_news ON alerts (news_id) WHERE news_id IS NOT NULL;
