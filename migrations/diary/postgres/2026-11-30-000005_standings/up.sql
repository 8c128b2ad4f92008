-- The narrow door for what stands beside the diary: closed periods, and what their closing froze of the engine's results. A
-- child stands in the class it was in on the period's last day, the one it entered last if there are two.
CREATE VIEW closings AS
SELECT id AS period_id, school_id, school_year, starts_on, closed_at FROM periods
WHERE closed_at IS NOT NULL AND kind <> 'year';

CREATE VIEW standings AS
SELECT results.child_id, results.subject_id, subjects.names AS subject_names, results.period_id, periods.starts_on,
  results.school_id, periods.school_year, class_groups.id AS class_group_id, class_groups.level, results.percent,
  (SELECT COALESCE(SUM((part ->> 'count')::bigint), 0)::bigint FROM jsonb_array_elements(results.detail::jsonb -> 'parts') AS part) AS grades
FROM results
JOIN periods ON periods.id = results.period_id AND periods.closed_at = results.frozen_at
JOIN subjects ON subjects.id = results.subject_id
JOIN class_groups ON class_groups.id = (
  SELECT class_members.class_group_id FROM class_members
  JOIN class_groups AS own ON own.id = class_members.class_group_id
  WHERE class_members.child_id = results.child_id AND own.school_id = results.school_id
    AND own.school_year = periods.school_year AND class_members.starts_on <= periods.ends_on
    AND (class_members.ends_on IS NULL OR class_members.ends_on >= periods.ends_on)
  ORDER BY class_members.starts_on DESC, class_members.id DESC LIMIT 1)
WHERE results.kind = 'period' AND results.source = 'engine' AND results.percent IS NOT NULL AND results.detail IS NOT NULL;
