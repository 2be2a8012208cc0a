DROP INDEX campaign_touches_campaign;
DROP INDEX campaign_touches_recorded_at;
DROP INDEX revenues_month;
DROP INDEX revenues_recorded_at;
DROP INDEX ledger_entries_account;
DROP INDEX ledger_entries_posted_on;
DROP INDEX ledger_entries_recorded_at;
