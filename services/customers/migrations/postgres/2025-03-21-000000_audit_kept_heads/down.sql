DROP TABLE audit_kept_heads;
