-- What a school tells its families: all of them, those of a level, or those of a class.
CREATE TABLE news (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  school_id BIGINT NOT NULL REFERENCES schools (id),
  external_id TEXT NOT NULL,
  level INTEGER,
  class_group_id BIGINT REFERENCES class_groups (id),
  -- JSON by language, as names are.
  title TEXT NOT NULL,
  text TEXT NOT NULL,
  -- Nobody reads it before.
  published_at TIMESTAMP NOT NULL,
  updated_at TIMESTAMP NOT NULL,
  UNIQUE (school_id, external_id)
);
CREATE INDEX news_by_school ON news (school_id, published_at, id);
