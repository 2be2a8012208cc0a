DROP TABLE campaign_touches;
