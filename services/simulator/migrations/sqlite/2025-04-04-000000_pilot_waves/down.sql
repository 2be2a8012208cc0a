ALTER TABLE pilot_customers DROP COLUMN wave;
