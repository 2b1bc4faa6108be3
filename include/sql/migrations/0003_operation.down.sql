DROP TABLE hotline.alert;
DROP TABLE hotline.run_log;
