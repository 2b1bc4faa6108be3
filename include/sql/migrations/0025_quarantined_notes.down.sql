DROP TABLE hotline.quarantined_note;
