DROP TABLE hotline.drain_fetch;
