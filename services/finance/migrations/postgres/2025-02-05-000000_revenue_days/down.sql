DROP VIEW revenue_history;
ALTER TABLE revenue_versions DROP COLUMN cancelled_on;
ALTER TABLE revenue_versions DROP COLUMN until_on;
ALTER TABLE revenue_versions DROP COLUMN from_on;
ALTER TABLE revenues DROP COLUMN cancelled_on;
ALTER TABLE revenues DROP COLUMN until_on;
ALTER TABLE revenues DROP COLUMN from_on;
CREATE VIEW revenue_history AS
    SELECT TIMESTAMP '9999-12-31 00:00:00' AS superseded_at, revenues.* FROM revenues
    UNION ALL SELECT * FROM revenue_versions;
