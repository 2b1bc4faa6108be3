-- What the pages in Airflow's UI may do: read what they show, and write what somebody decides on them. No page reads or writes
-- keys, runs, windows or counts of others. Run after every migrate; each statement may be repeated.

REVOKE ALL ON ALL TABLES IN SCHEMA hotline FROM hotline_pages;
GRANT USAGE ON SCHEMA hotline TO hotline_pages;
GRANT EXECUTE ON ALL ROUTINES IN SCHEMA hotline TO hotline_pages;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA hotline TO hotline_pages;

-- Shown.
GRANT SELECT ON hotline.order_fact, hotline.run_log, hotline.alert, hotline.collection_window, hotline.unaccepted, hotline.interaction_log,
hotline.order_life, hotline.quarantined_note, hotline.calendar_day, hotline.standard_data, hotline.seat, hotline.count_reconciliation, hotline.reconciliation_state,
hotline.reconciliation_history, hotline.reconciliation_missing, hotline.count_location TO hotline_pages;

-- Decided: who and why, and the version or row that it is about.
GRANT SELECT, INSERT ON hotline.operator_action, hotline.order_audit TO hotline_pages;
GRANT SELECT, INSERT, UPDATE ON hotline.delivery, hotline.order_source, hotline.order_completion, hotline.order_supplement,
hotline.quarantined_answer TO hotline_pages;
-- What triggers note of it.
GRANT SELECT, INSERT ON hotline.order_change, hotline.order_mark, hotline.call_mark, hotline.rollup_mark TO hotline_pages;

-- What was released goes into its table, as from a run: every table that keeps what it replaced.
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT t.relname
        FROM pg_class AS t
        WHERE
            t.relnamespace = 'hotline'::regnamespace
            AND t.relkind IN ('r', 'p')
            AND to_regclass(format('hotline.%I', t.relname || '_history')) IS NOT NULL
            AND t.relname <> 'seat'
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON hotline.%I TO hotline_pages', name);
        EXECUTE format('GRANT INSERT ON hotline.%I TO hotline_pages', name || '_history');
    END LOOP;
END
$$;
