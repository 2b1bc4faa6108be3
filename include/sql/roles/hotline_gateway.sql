-- What the gateway may do: know its clients, read feedback, note what it offered and what was acknowledged, and log its calls. Run
-- after every migrate, also after one to an older release; each statement may be repeated.

REVOKE ALL ON ALL TABLES IN SCHEMA hotline FROM hotline_gateway;
REVOKE ALL ON ALL ROUTINES IN SCHEMA hotline FROM hotline_gateway;
GRANT USAGE ON SCHEMA hotline TO hotline_gateway;

DO $$
DECLARE
    given record;
BEGIN
    FOR given IN
        SELECT
            g.rights,
            g.name
        FROM (
            VALUES
            ('SELECT', 'gateway_client'),
            ('UPDATE (fetched_at)', 'gateway_client'),
            ('SELECT', 'gateway_token'),
            ('SELECT', 'feedback_offer'),
            ('UPDATE (offered_at, acknowledged_at)', 'feedback_offer'),
            ('SELECT', 'case_feedback'),
            ('SELECT', 'complaint_feedback'),
            ('SELECT', 'report_feedback'),
            ('SELECT', 'consultation_feedback'),
            ('SELECT (regino, kind, day, registered_at)', 'order_fact'),
            ('INSERT', 'interaction_log'),
            -- The order form: its openings, and what an order is judged by.
            ('SELECT, INSERT', 'form_launch'),
            ('UPDATE (opened_at, key_hash, prefill, submitted_at)', 'form_launch'),
            ('SELECT (category, code, name, valid_from, valid_to)', 'standard_data'),
            ('SELECT (seatno, gone_at)', 'seat')
        ) AS g (rights, name)
        WHERE to_regclass(format('hotline.%I', g.name)) IS NOT null
    LOOP
        EXECUTE format('GRANT %s ON hotline.%I TO hotline_gateway', given.rights, given.name);
    END LOOP;
    FOR given IN
        SELECT p.oid::regprocedure AS routine
        FROM pg_proc AS p
        WHERE p.pronamespace = 'hotline'::regnamespace AND p.proname IN (
            'replies_on', 'is_in_areas', 'is_blank', 'is_usable', 'wire_digits', 'wire_time', 'written_moment'
        )
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO hotline_gateway', given.routine);
    END LOOP;
END
$$;
