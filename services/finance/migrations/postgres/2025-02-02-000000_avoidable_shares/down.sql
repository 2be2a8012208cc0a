DROP TABLE avoidable_shares;
