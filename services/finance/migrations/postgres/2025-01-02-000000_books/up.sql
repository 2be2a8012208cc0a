-- A closed month closes every earlier one; none is ever opened again.
CREATE TABLE period_closes (
    month INTEGER NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);

-- Rates in billionths. A rate is never changed: what was converted with it names it.
CREATE TABLE fx_rates (
    id TEXT NOT NULL PRIMARY KEY,
    source TEXT COLLATE "C" NOT NULL,
    base TEXT NOT NULL,
    quote TEXT NOT NULL,
    quoted_on DATE NOT NULL,
    billionths BIGINT NOT NULL,
    recorded_at TIMESTAMP NOT NULL,
    CONSTRAINT fx_rates_identity UNIQUE (base, quote, quoted_on, source)
);

-- The chart of accounts, as far as it says what is cost.
CREATE TABLE accounts (
    code TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT,
    component TEXT,
    recorded_at TIMESTAMP NOT NULL
);
