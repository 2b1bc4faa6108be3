-- Who may read the free text of orders besides, scrubbed (docs/personal-data.md): given to few, together with hotline_analyst.
-- Run after every migrate; each statement may be repeated.

REVOKE ALL ON SCHEMA hotline FROM hotline_text_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA hotline, analytics FROM hotline_text_reader;
GRANT USAGE ON SCHEMA analytics TO hotline_text_reader;

DO $$
BEGIN
    IF to_regclass('analytics.order_text') IS NOT NULL THEN
        GRANT SELECT ON analytics.order_text TO hotline_text_reader;
        GRANT EXECUTE ON FUNCTION hotline.scrub_text TO hotline_text_reader;
    END IF;
    IF to_regproc('analytics.note_export') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION analytics.note_export, analytics.note_export_end TO hotline_text_reader;
    END IF;
END
$$;
