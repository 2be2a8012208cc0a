DROP INDEX interactions_customer;
CREATE INDEX interactions_customer
    ON interactions (customer_source, customer_external_id, started_at, id);
