-- What lists are filtered by.
CREATE INDEX ledger_entries_recorded_at ON ledger_entries (recorded_at);
CREATE INDEX ledger_entries_posted_on ON ledger_entries (posted_on);
CREATE INDEX ledger_entries_account ON ledger_entries (account)
    WHERE account IS NOT NULL;
CREATE INDEX revenues_recorded_at ON revenues (recorded_at);
CREATE INDEX revenues_month ON revenues (month);
CREATE INDEX campaign_touches_recorded_at ON campaign_touches (recorded_at);
CREATE INDEX campaign_touches_campaign ON campaign_touches (campaign);
