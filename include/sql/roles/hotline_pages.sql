-- What the pages in Airflow's UI may do: read what tells no person, and the rest masked; decide through functions that write
-- down who and why. Nothing is written, and no content read, without them. Run after every migrate, also after one to an older
-- release; each statement may be repeated.

REVOKE ALL ON ALL TABLES IN SCHEMA hotline FROM hotline_pages;
GRANT USAGE ON SCHEMA hotline TO hotline_pages;
REVOKE ALL ON ALL ROUTINES IN SCHEMA hotline FROM hotline_pages;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA hotline FROM hotline_pages;

DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT p.oid::regprocedure AS routine
        FROM pg_proc AS p
        WHERE
            p.pronamespace = 'hotline'::regnamespace
            AND (
                NOT p.prosecdef
                OR p.proname IN (
                    'unmask_order', 'told_order', 'shown_content', 'shown_source', 'shown_answer', 'is_content_kept', 'shown_contents',
                    'shown_records', 'shown_completions', 'completions_seen', 'decide_orders', 'ask_release', 'complete_order',
                    'discard_versions', 'replay_versions', 'discard_answers', 'ask_answers_again', 'ask_repair', 'keep_codes',
                    'replace_codes', 'find_by_phone', 'find_by_name'
                )
            )
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO hotline_pages', given.routine);
    END LOOP;
    IF to_regprocedure('hotline.field_class()') IS NULL THEN
        RETURN;
    END IF;
    FOR given IN
        -- Of these what tells no person, and what is masked.
        SELECT
            c.relname AS name,
            string_agg(quote_ident(a.attname), ', ') AS columns
        FROM pg_class AS c
        INNER JOIN pg_attribute AS a ON c.oid = a.attrelid AND a.attnum > 0 AND NOT a.attisdropped
        INNER JOIN hotline.field_class() AS f ON c.relname = f.origin AND a.attname = f.name
        WHERE
            c.relnamespace = 'hotline'::regnamespace
            AND (f.class IS NULL OR f.name ~ '_(masked|scrubbed|length)$')
            AND c.relname IN (
                'order_fact', 'run_log', 'alert', 'collection_window', 'unaccepted', 'interaction_log', 'shown_exchange', 'order_life',
                'quarantined_note', 'registered_order', 'calendar_day', 'seat', 'count_reconciliation', 'reconciliation_state',
                'reconciliation_history', 'reconciliation_missing', 'count_location', 'quality_result', 'unknown_code',
                'gateway_client', 'publish_again', 'order_change', 'feedback_offer', 'delivery', 'quarantined_answer',
                'order_source', 'standard_data', 'code_delivery', 'operator_action', 'asked_release',
                'shown_return', 'shown_routing', 'shown_result', 'shown_act', 'shown_decision', 'shown_refusal'
            )
        GROUP BY c.relname
    LOOP
        EXECUTE format('GRANT SELECT (%s) ON hotline.%I TO hotline_pages', given.columns, given.name);
    END LOOP;
END
$$;
