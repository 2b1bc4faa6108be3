DROP INDEX hotline.interaction_log_failed, hotline.interaction_log_code;
