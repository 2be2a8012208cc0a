DROP TABLE allocation_rules;
DROP TABLE segment_months;
