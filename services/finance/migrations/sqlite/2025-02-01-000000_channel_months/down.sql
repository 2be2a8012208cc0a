DROP TABLE segment_channel_months;
