-- What analysts may do: read views of schema analytics, each granted here by name, and nothing of the raw tables
-- (architecture: personal data stay in the stores). Which view is for whom says contract/personal.yaml; a test holds the two
-- together. Run after every migrate; each statement may be repeated.

REVOKE ALL ON SCHEMA hotline FROM hotline_analyst;
REVOKE ALL ON ALL TABLES IN SCHEMA hotline, analytics FROM public, hotline_analyst;
REVOKE ALL ON ALL ROUTINES IN SCHEMA hotline, analytics FROM public, hotline_analyst;
-- What comes later is granted when it is known what it shows. Releases before gave it in advance.
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics REVOKE ALL ON TABLES FROM hotline_analyst;

GRANT USAGE ON SCHEMA analytics TO hotline_analyst;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY [
        'analytics.call', 'analytics.recording', 'analytics.satisfaction', 'analytics.seat_day',
        'analytics.seat_hour', 'analytics.work_order', 'analytics.handling_step', 'analytics.extension',
        'analytics.urge', 'analytics.feedback', 'analytics.reconciliation_day', 'analytics.freshness',
        'analytics.call_hour', 'analytics.satisfaction_day', 'analytics.order_day', 'analytics.company_month',
        'analytics.indicator_month', 'analytics.indicator', 'analytics.day', 'analytics.area',
        'analytics.unit', 'analytics.goods_class', 'analytics.problem_class', 'analytics.seat'
    ]
    LOOP
        IF to_regclass(name) IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %s TO hotline_analyst', name);
        END IF;
    END LOOP;
    -- What these views call: who reads a view needs the right to its functions.
    FOREACH name IN ARRAY ARRAY [
        'hotline.mask_phone', 'hotline.mask_name', 'hotline.mask_address', 'hotline.mask_other_phone',
        'hotline.mask_other_address', 'hotline.normal_phone', 'hotline.spelled_phone', 'hotline.is_blank',
        'hotline.decoded', 'hotline.seconds_between', 'hotline.wire_time', 'hotline.wire_digits',
        'analytics.note_export', 'analytics.note_export_end'
    ]
    LOOP
        IF to_regproc(name) IS NOT NULL THEN
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO hotline_analyst', name);
        END IF;
    END LOOP;
END
$$;
