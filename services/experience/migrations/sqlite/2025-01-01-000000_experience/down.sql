DROP TABLE interactions;
DROP TABLE feedback;
