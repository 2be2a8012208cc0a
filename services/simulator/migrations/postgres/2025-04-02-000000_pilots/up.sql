-- Pilots, as they were planned when their arms were named. Nothing of them is changed.
CREATE TABLE pilots (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    outcome TEXT NOT NULL,
    -- The plan, as JSON: without the arms.
    design TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT pilots_key UNIQUE (key)
);

-- Who is in which arm. A customer who is erased is in none.
CREATE TABLE pilot_customers (
    pilot_id TEXT NOT NULL REFERENCES pilots (id),
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    is_treated BOOLEAN NOT NULL,
    PRIMARY KEY (pilot_id, source, external_id)
);

CREATE INDEX pilot_customers_subject ON pilot_customers (source, external_id);

-- Every look at a pilot, as JSON.
CREATE TABLE pilot_readings (
    id TEXT NOT NULL PRIMARY KEY,
    pilot_id TEXT NOT NULL REFERENCES pilots (id),
    reading TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

CREATE INDEX pilot_readings_pilot ON pilot_readings (pilot_id, id);
