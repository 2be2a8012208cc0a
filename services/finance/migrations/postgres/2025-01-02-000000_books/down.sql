DROP TABLE accounts;
DROP TABLE fx_rates;
DROP TABLE period_closes;
