DROP VIEW segment_channel_month_history;
DROP VIEW segment_month_history;
DROP VIEW revenue_history;
DROP VIEW ledger_entry_history;
DROP TABLE segment_channel_month_versions;
DROP TABLE segment_month_versions;
DROP TABLE revenue_versions;
