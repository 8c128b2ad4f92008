-- The one indexed read of every request: who is it, may she, did anything change?
SELECT sessions.id, accounts.id, accounts.role, accounts.language, children.id, children.revision, children.account_id, guardianships.relation, schools.id, schools.time_zone, schools.days_off, schools.revision
  FROM ((((sessions INNER JOIN accounts ON (sessions.account_id = accounts.id))
  LEFT OUTER JOIN children ON (children.id = :child))
  LEFT OUTER JOIN schools ON (schools.id = children.school_id))
  LEFT OUTER JOIN guardianships ON (((guardianships.child_id = :child) AND (guardianships.account_id = accounts.id)) AND ((guardianships.ended_at IS NULL) OR (guardianships.ended_at > now() AT TIME ZONE 'UTC'))))
  WHERE (((sessions.access_hash = :hash) AND (sessions.ended_at IS NULL)) AND ((sessions.access_expires_at > now() AT TIME ZONE 'UTC') AND (accounts.disabled_at IS NULL)))
  LIMIT 1;
