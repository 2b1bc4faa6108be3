-- What an auditor may do: read who did what, what was said to the platform and how counts agreed; no personal data.
-- Run after every migrate; each statement may be repeated.

REVOKE ALL ON SCHEMA hotline FROM hotline_auditor;
REVOKE ALL ON ALL TABLES IN SCHEMA hotline, analytics FROM hotline_auditor;
GRANT USAGE ON SCHEMA analytics TO hotline_auditor;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY [
        'analytics.audit_trail', 'analytics.exchange', 'analytics.reconciliation_check', 'analytics.erasure',
        'analytics.reconciliation_day', 'analytics.freshness', 'analytics.export_log', 'analytics.person_search'
    ]
    LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %s TO hotline_auditor', name);
        END IF;
    END LOOP;
    IF to_regproc('hotline.scrub_text') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION hotline.scrub_text TO hotline_auditor;
    END IF;
    IF to_regproc('analytics.note_export') IS NOT NULL THEN
        GRANT EXECUTE ON FUNCTION analytics.note_export, analytics.note_export_end TO hotline_auditor;
    END IF;
END
$$;
