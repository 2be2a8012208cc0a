DROP INDEX revenues_customer;
CREATE INDEX revenues_customer
    ON revenues (customer_source, customer_external_id, id);
