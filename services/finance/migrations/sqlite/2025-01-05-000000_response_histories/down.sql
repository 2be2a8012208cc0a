DROP TABLE response_histories;
