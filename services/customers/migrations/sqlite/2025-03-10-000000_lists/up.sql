-- What lists are filtered by.
CREATE INDEX customers_recorded_at ON customers (recorded_at);
CREATE INDEX customers_acquired_on ON customers (acquired_on);
