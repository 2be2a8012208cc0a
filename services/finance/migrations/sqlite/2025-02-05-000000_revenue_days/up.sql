-- The days that a charge is for, where its source names them: the first, and the day after the last;
-- and the day on which it was decided that it is not renewed.
-- Both tables have them at their end, so that what copies a row to its versions still does.
DROP VIEW revenue_history;
ALTER TABLE revenues ADD COLUMN from_on DATE;
ALTER TABLE revenues ADD COLUMN until_on DATE;
ALTER TABLE revenues ADD COLUMN cancelled_on DATE;
ALTER TABLE revenue_versions ADD COLUMN from_on DATE;
ALTER TABLE revenue_versions ADD COLUMN until_on DATE;
ALTER TABLE revenue_versions ADD COLUMN cancelled_on DATE;
CREATE VIEW revenue_history AS
    SELECT '9999-12-31 00:00:00' AS superseded_at, revenues.* FROM revenues
    UNION ALL SELECT * FROM revenue_versions;
