DROP FUNCTION analytics.note_export_end, analytics.note_export;
DROP VIEW analytics.export_log;
DROP TABLE hotline.export_log;
