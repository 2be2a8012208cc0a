DROP TABLE lifecycle_events;
DROP TABLE customers;
DROP TABLE segments;
