-- The feed of revenues reads nothing but this index: in the order of customers each row of the table itself lies somewhere else.
DROP INDEX revenues_customer;
CREATE INDEX revenues_customer
    ON revenues (customer_source, customer_external_id, id)
    INCLUDE (currency, kind, minor, month, months, from_on, until_on);
