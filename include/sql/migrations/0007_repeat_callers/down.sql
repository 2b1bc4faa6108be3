DROP INDEX hotline.call_log_person;
