DROP TABLE trackings;
