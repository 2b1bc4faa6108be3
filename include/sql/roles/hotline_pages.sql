-- What the pages in Airflow's UI may do: read what they show, and write what somebody decides on them. No page reads or writes
-- keys, runs, windows or counts of others. Run after every migrate, also after one to an older release; each statement may be
-- repeated.

REVOKE ALL ON ALL TABLES IN SCHEMA hotline FROM hotline_pages;
GRANT USAGE ON SCHEMA hotline TO hotline_pages;
REVOKE ALL ON ALL ROUTINES IN SCHEMA hotline FROM hotline_pages;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA hotline TO hotline_pages;

DO $$
DECLARE
    given record;
BEGIN
    -- Of what runs with its owner's rights only the key of a number that somebody looks for, and one order with who asks and why.
    FOR given IN
        SELECT p.oid::regprocedure AS routine
        FROM pg_proc AS p
        WHERE p.pronamespace = 'hotline'::regnamespace AND (NOT p.prosecdef OR p.proname IN ('keyed_hash', 'unmask_order'))
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO hotline_pages', given.routine);
    END LOOP;
    FOR given IN
        -- Shown.
        SELECT
            'SELECT' AS rights,
            shown.name
        FROM unnest(ARRAY [
            'order_fact', 'run_log', 'alert', 'collection_window', 'unaccepted', 'interaction_log', 'order_life',
            'quarantined_note', 'registered_order', 'calendar_day', 'seat', 'count_reconciliation', 'reconciliation_state',
            'reconciliation_history', 'reconciliation_missing', 'count_location', 'quality_result', 'unknown_code',
            'gateway_client', 'order_person', 'publish_again', 'handling_step', 'order_urge',
            'complaint_order_history', 'report_order_history', 'consultation_order_history'
        ]) AS shown (name)
        UNION ALL
        -- Who decided and why, and what triggers note of it.
        SELECT
            'SELECT, INSERT' AS rights,
            kept.name
        FROM unnest(ARRAY [
            'operator_action', 'order_audit', 'order_change', 'order_mark', 'call_mark', 'rollup_mark', 'feedback_offer'
        ]) AS kept (name)
        UNION ALL
        -- The version or row that is decided on.
        SELECT
            'SELECT, INSERT, UPDATE' AS rights,
            decided.name
        FROM unnest(ARRAY [
            'delivery', 'order_source', 'order_completion', 'order_supplement', 'quarantined_answer'
        ]) AS decided (name)
        UNION ALL
        -- Code lists that somebody uploads.
        SELECT
            'SELECT, INSERT, UPDATE, DELETE' AS rights,
            listed.name
        FROM unnest(ARRAY ['standard_data', 'code_delivery']) AS listed (name)
        UNION ALL
        -- What was released goes into its table, as from a run: every table that keeps what it replaced.
        SELECT
            typed.rights,
            t.relname || typed.suffix AS name
        FROM pg_class AS t
        CROSS JOIN (
            VALUES ('SELECT, INSERT, UPDATE, DELETE', ''), ('INSERT', '_history')
        ) AS typed (rights, suffix)
        WHERE
            t.relnamespace = 'hotline'::regnamespace
            AND t.relkind IN ('r', 'p')
            AND to_regclass(format('hotline.%I', t.relname || '_history')) IS NOT NULL
            AND t.relname <> 'seat'
    LOOP
        IF to_regclass(format('hotline.%I', given.name)) IS NOT NULL THEN
            EXECUTE format('GRANT %s ON hotline.%I TO hotline_pages', given.rights, given.name);
        END IF;
    END LOOP;
    -- A quarantined answer may be asked again.
    GRANT UPDATE (due_at, retry_at, due_because) ON hotline.collection_window TO hotline_pages;
END
$$;
