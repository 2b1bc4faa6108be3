-- Takes the analysts' layer back; the raw tables stay as they are.

DROP VIEW
analytics.freshness, analytics.unit, analytics.indicator_month, analytics.indicator, analytics.company_month, analytics.order_day,
analytics.satisfaction_day, analytics.call_hour, analytics.reconciliation_day, analytics.feedback,
analytics.urge, analytics.extension, analytics.handling_step, analytics.work_order, analytics.seat_hour,
analytics.seat_day, analytics.satisfaction, analytics.recording, analytics.call, analytics.seat,
analytics.problem_class, analytics.goods_class, analytics.area, analytics.day,
hotline.seat_login, hotline.call_order, hotline.code_meaning, hotline.code_period;

DROP TABLE hotline.call_hour, hotline.satisfaction_day, hotline.order_day, hotline.indicator_value, hotline.company_month;
DROP FUNCTION hotline.order_facts;
DROP TABLE hotline.order_fact;
DROP FUNCTION hotline.decoded, hotline.span, hotline.seconds_between, hotline.amount, hotline.company_key,
hotline.plain_company_name;

DROP INDEX
hotline.recording_log_callid, hotline.recording_log_recordname, hotline.satisfaction_log_callid,
hotline.call_log_day, hotline.recording_log_day, hotline.satisfaction_log_day;

DO $$
DECLARE
    marked record;
BEGIN
    FOR marked IN
        SELECT t.tgname, t.tgrelid::regclass AS of_table FROM pg_trigger AS t
        WHERE
            t.tgfoid IN (
                'hotline.mark_orders'::regproc, 'hotline.mark_all_orders'::regproc, 'hotline.mark_calls'::regproc,
                'hotline.mark_days'::regproc
            )
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', marked.tgname, marked.of_table);
    END LOOP;
END
$$;

DROP FUNCTION hotline.mark_orders, hotline.mark_all_orders, hotline.mark_calls, hotline.mark_days;

CREATE OR REPLACE FUNCTION hotline.note_order_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO hotline.order_change (regino) SELECT DISTINCT %1$I FROM changed_row WHERE %1$I <> ''''', tg_argv[0]
    );
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION hotline.note_version_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.order_change (regino) VALUES (new.key);
    RETURN NULL;
END
$$;

DROP TABLE hotline.order_mark, hotline.call_mark, hotline.rollup_mark, hotline.order_walk;
