-- What a week costs the database when no body is kept: the one read, then the four statements of the view.
SELECT sessions.id, accounts.id, accounts.role, accounts.language, children.id, children.revision, children.account_id, guardianships.relation, schools.id, schools.time_zone, schools.days_off, schools.revision
  FROM ((((sessions INNER JOIN accounts ON (sessions.account_id = accounts.id))
  LEFT OUTER JOIN children ON (children.id = :child))
  LEFT OUTER JOIN schools ON (schools.id = children.school_id))
  LEFT OUTER JOIN guardianships ON (((guardianships.child_id = :child) AND (guardianships.account_id = accounts.id)) AND ((guardianships.ended_at IS NULL) OR (guardianships.ended_at > now() AT TIME ZONE 'UTC'))))
  WHERE (((sessions.access_hash = :hash) AND (sessions.ended_at IS NULL)) AND ((sessions.access_expires_at > now() AT TIME ZONE 'UTC') AND (accounts.disabled_at IS NULL)))
  LIMIT 1;
SELECT lessons.id, lessons.date, lessons.number, lessons.starts_at, lessons.ends_at, lessons.room, lessons.topic, lessons.status, lessons.change, courses.id, courses.name, subjects.id, subjects.names, staff.id, staff.first_name, staff.last_name, staff.middle_name, attendance.status, attendance.minutes_late, attendance.comment
  FROM (((((course_members INNER JOIN lessons ON (lessons.course_id = course_members.course_id)) INNER JOIN courses ON (courses.id = lessons.course_id)) INNER JOIN subjects ON (subjects.id = courses.subject_id))
  LEFT OUTER JOIN staff ON (staff.id = lessons.staff_id))
  LEFT OUTER JOIN attendance ON ((attendance.lesson_id = lessons.id) AND (attendance.child_id = course_members.child_id)))
  WHERE ((((course_members.child_id = :child) AND (lessons.date BETWEEN :monday AND :sunday)) AND (course_members.starts_on <= lessons.date)) AND ((course_members.ends_on IS NULL) OR (course_members.ends_on >= lessons.date)))
  ORDER BY lessons.date, lessons.starts_at, lessons.number, lessons.id;
SELECT homework.id, homework.course_id, homework.lesson_id, homework.assigned_on, homework.due_on, homework.text, homework.attachments, homework.updated_at, subjects.id, subjects.names, homework_done.done_at
  FROM ((((course_members INNER JOIN homework ON (homework.course_id = course_members.course_id)) INNER JOIN courses ON (courses.id = homework.course_id)) INNER JOIN subjects ON (subjects.id = courses.subject_id))
  LEFT OUTER JOIN homework_done ON ((homework_done.homework_id = homework.id) AND (homework_done.child_id = course_members.child_id)))
  WHERE ((((course_members.child_id = :child) AND (course_members.starts_on <= homework.due_on)) AND ((course_members.ends_on IS NULL) OR (course_members.ends_on >= homework.assigned_on))) AND (homework.due_on BETWEEN :monday AND :sunday))
  ORDER BY homework.due_on, homework.id;
SELECT assessments.id, assessments.lesson_id, assessments.kind, assessments.title, assessments.date, assessments.max_points, subjects.id, subjects.names
  FROM (((course_members INNER JOIN assessments ON (assessments.course_id = course_members.course_id)) INNER JOIN courses ON (courses.id = assessments.course_id)) INNER JOIN subjects ON (subjects.id = courses.subject_id))
  WHERE ((((course_members.child_id = :child) AND (assessments.date BETWEEN :monday AND :sunday)) AND (course_members.starts_on <= assessments.date)) AND ((course_members.ends_on IS NULL) OR (course_members.ends_on >= assessments.date)))
  ORDER BY assessments.date, assessments.id;
SELECT children.revision, schools.revision, grades.id, grades.lesson_id, grades.kind, grades.status, grades.value, grades.points, grades.max_points, grades.weight, grades.comment, grades.graded_on, grades.recorded_at, grades.revision, subjects.id, subjects.names, assessments.id, assessments.title, assessments.kind
  FROM (((((children INNER JOIN schools ON (children.school_id = schools.id))
  LEFT OUTER JOIN grades ON (((grades.child_id = children.id) AND (grades.removed = FALSE)) AND (grades.graded_on BETWEEN :monday AND :sunday)))
  LEFT OUTER JOIN courses ON (courses.id = grades.course_id))
  LEFT OUTER JOIN subjects ON (subjects.id = courses.subject_id))
  LEFT OUTER JOIN assessments ON (assessments.id = grades.assessment_id))
  WHERE (children.id = :child)
  ORDER BY grades.graded_on, grades.id;
