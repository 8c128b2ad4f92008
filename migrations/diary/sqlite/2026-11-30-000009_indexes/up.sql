-- Whole indexes for the deliveries: SQLite takes a partial one for no state that is bound.
DROP INDEX alert_deliveries_due;
DROP INDEX alert_deliveries_in_order;
DROP INDEX alert_deliveries_open;
DROP INDEX alert_deliveries_dead;
CREATE INDEX alert_deliveries_due ON alert_deliveries (state, due_at, id);
CREATE INDEX alert_deliveries_in_order ON alert_deliveries (channel, target_id, child_id, state, id);
CREATE INDEX alert_deliveries_by_thing ON alert_deliveries (collapse, state);

-- The oldest files of a school first: what nothing refers to is forgotten after a day.
CREATE INDEX files_by_age ON files (school_id, created_at);
