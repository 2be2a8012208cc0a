-- The feed of exposures reads nothing but this index: in the order of customers each row of the table itself lies somewhere else.
DROP INDEX interactions_customer;
CREATE INDEX interactions_customer
    ON interactions (customer_source, customer_external_id, started_at, id,
        month, channel, handle_seconds, outcome, issue);
