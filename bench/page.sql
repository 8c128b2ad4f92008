-- What a page of 50 grades costs the database when no body is kept: the one read, the page, the counters.
SELECT sessions.id, accounts.id, accounts.role, accounts.language, children.id, children.revision, children.account_id, guardianships.relation, schools.id, schools.time_zone, schools.days_off, schools.revision
  FROM ((((sessions INNER JOIN accounts ON (sessions.account_id = accounts.id))
  LEFT OUTER JOIN children ON (children.id = :child))
  LEFT OUTER JOIN schools ON (schools.id = children.school_id))
  LEFT OUTER JOIN guardianships ON (((guardianships.child_id = :child) AND (guardianships.account_id = accounts.id)) AND ((guardianships.ended_at IS NULL) OR (guardianships.ended_at > now() AT TIME ZONE 'UTC'))))
  WHERE (((sessions.access_hash = :hash) AND (sessions.ended_at IS NULL)) AND ((sessions.access_expires_at > now() AT TIME ZONE 'UTC') AND (accounts.disabled_at IS NULL)))
  LIMIT 1;
SELECT grades.id, grades.lesson_id, grades.kind, grades.status, grades.value, grades.points, grades.max_points, grades.weight, grades.comment, grades.graded_on, grades.recorded_at, grades.revision, subjects.id, subjects.names, assessments.id, assessments.title, assessments.kind
  FROM ((grades INNER JOIN (courses INNER JOIN subjects ON (courses.subject_id = subjects.id)) ON (grades.course_id = courses.id))
  LEFT OUTER JOIN assessments ON (grades.assessment_id = assessments.id))
  WHERE ((((grades.child_id = :child) AND (grades.removed = FALSE)) AND (grades.graded_on <= DATE '9999-12-31')) AND ((grades.graded_on < DATE '9999-12-31') OR (grades.id < 9223372036854775807)))
  ORDER BY grades.graded_on DESC, grades.id DESC
  LIMIT 51;
SELECT children.revision, schools.revision
  FROM (children INNER JOIN schools ON (children.school_id = schools.id))
  WHERE (children.id = :child)
  LIMIT 1;
