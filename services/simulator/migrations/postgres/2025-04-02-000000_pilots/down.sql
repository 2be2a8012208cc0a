DROP TABLE pilot_readings;
DROP TABLE pilot_customers;
DROP TABLE pilots;
