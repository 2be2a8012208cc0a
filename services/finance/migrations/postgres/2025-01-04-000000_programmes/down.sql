DROP INDEX ledger_entries_programme;
DROP TABLE budget_lines;
DROP TABLE budgets;
