DROP TABLE assumption_checks;
