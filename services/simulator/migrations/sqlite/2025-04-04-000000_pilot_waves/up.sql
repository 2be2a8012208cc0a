-- In which wave, from 0, of a pilot that treats customers one wave after the other; null in others.
ALTER TABLE pilot_customers ADD COLUMN wave INTEGER;
