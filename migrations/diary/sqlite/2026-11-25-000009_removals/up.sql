-- What a lesson or a work may only leave without is found by these.
CREATE INDEX attendance_by_lesson ON attendance (lesson_id);
CREATE INDEX homework_by_lesson ON homework (lesson_id) WHERE lesson_id IS NOT NULL;
CREATE INDEX assessments_by_lesson ON assessments (lesson_id) WHERE lesson_id IS NOT NULL;
CREATE INDEX grades_by_lesson ON grades (lesson_id) WHERE lesson_id IS NOT NULL;
CREATE INDEX grades_by_assessment ON grades (assessment_id) WHERE assessment_id IS NOT NULL;
