DROP INDEX customers_acquired_on;
DROP INDEX customers_recorded_at;
