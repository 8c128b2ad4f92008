-- How long a school lets its teachers mend a slip before families are told, where it chose that itself.
CREATE TABLE settle_windows (
  school_id BIGINT NOT NULL REFERENCES schools (id),
  kind TEXT NOT NULL CHECK (kind IN ('grade', 'homework', 'schedule', 'attendance', 'assessment', 'report-card', 'news')),
  seconds INTEGER NOT NULL CHECK (seconds BETWEEN 0 AND 3600),
  PRIMARY KEY (school_id, kind)
);
