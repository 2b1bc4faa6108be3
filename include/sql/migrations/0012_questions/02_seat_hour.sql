-- Signed-in seats by hour, added up by day like calls: a question over years splits no log-in into hours.
-- noqa: disable=ST06
-- (columns stand in the order in which people read them)

CREATE TABLE hotline.seat_hour (
    day date NOT NULL,
    hour integer NOT NULL,
    seat_code text NOT NULL,
    area_code text,
    signed_in_seconds integer NOT NULL,
    as_of timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, hour, seat_code)
);

COMMENT ON TABLE hotline.seat_hour IS '汇总：坐席签入时长，每天每小时每个坐席一行；见视图 analytics.seat_hour';

CREATE OR REPLACE VIEW analytics.seat_hour AS
SELECT
    h.seat_code,
    h.area_code,
    h.day,
    date_trunc('month', h.day::timestamp)::date AS month,
    h.hour,
    h.signed_in_seconds,
    h.as_of
FROM hotline.seat_hour AS h;

COMMENT ON COLUMN analytics.seat_hour.as_of IS '计算该行的时间';

ALTER TABLE hotline.rollup_mark DROP CONSTRAINT rollup_mark_rollup_check,
ADD CONSTRAINT rollup_mark_rollup_check
CHECK (rollup IN ('call_hour', 'seat_hour', 'satisfaction_day', 'order_day', 'indicator_month'));

-- A log-in of use lies within two days: those of its begin and of its end.
CREATE FUNCTION hotline.mark_seat_days() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.rollup_mark (rollup, day)
    SELECT DISTINCT 'seat_hour', (t.at AT TIME ZONE 'Asia/Shanghai')::date
    FROM changed_row AS r
    CROSS JOIN LATERAL (VALUES (r.begintime), (r.endtime)) AS t (at)
    WHERE isfinite(t.at);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION hotline.mark_seat_days() IS '触发器：记下签入有变化的日期';

CREATE TRIGGER mark_inserted AFTER INSERT ON hotline.seat_login_log REFERENCING NEW TABLE AS changed_row
FOR EACH STATEMENT EXECUTE FUNCTION hotline.mark_seat_days();
CREATE TRIGGER mark_updated_from AFTER UPDATE ON hotline.seat_login_log REFERENCING OLD TABLE AS changed_row
FOR EACH STATEMENT EXECUTE FUNCTION hotline.mark_seat_days();
CREATE TRIGGER mark_updated_to AFTER UPDATE ON hotline.seat_login_log REFERENCING NEW TABLE AS changed_row
FOR EACH STATEMENT EXECUTE FUNCTION hotline.mark_seat_days();
CREATE TRIGGER mark_deleted AFTER DELETE ON hotline.seat_login_log REFERENCING OLD TABLE AS changed_row
FOR EACH STATEMENT EXECUTE FUNCTION hotline.mark_seat_days();

-- How new each table is; the list is long and its parts alike.
DO $$
DECLARE
    parts text;
BEGIN
    SELECT
        string_agg(
            format(
                'SELECT %1$L AS subject, %2$L AS subject_name, max(t.%3$I) AS newest_at, 0 AS waiting_count FROM hotline.%1$I AS t',
                s.table_name, s.table_name_zh, s.written
            ), ' UNION ALL '
        )
    INTO parts
    FROM (
        VALUES
        ('call_log', '话务日志', 'written_at'), ('recording_log', '录音日志', 'written_at'),
        ('seat_login_log', '坐席工作日志', 'written_at'), ('satisfaction_log', '话务满意度', 'written_at'),
        ('complaint_order', '投诉工单（12345）', 'written_at'), ('report_order', '举报工单（12345）', 'written_at'),
        ('consultation_order', '咨询工单（12345）', 'written_at'), ('complaint_case', '投诉单（平台）', 'loaded_at'),
        ('report_case', '举报单（平台）', 'loaded_at'), ('consultation_case', '咨询单（平台）', 'loaded_at'),
        ('case_routing', '流转', 'loaded_at'), ('complaint_handling', '投诉办理', 'loaded_at'),
        ('report_handling', '举报办理', 'loaded_at'), ('case_extension', '延期', 'loaded_at'), ('case_urge', '催办', 'loaded_at'),
        ('complaint_feedback', '投诉反馈', 'loaded_at'), ('report_feedback', '举报反馈', 'loaded_at'),
        ('consultation_feedback', '咨询反馈', 'loaded_at'), ('case_feedback', '登记单反馈', 'loaded_at')
    ) AS s (table_name, table_name_zh, written);
    EXECUTE format(
        'CREATE OR REPLACE VIEW analytics.freshness AS'
        ' SELECT s.subject, s.subject_name, s.newest_at, s.waiting_count,'
        ' greatest(extract(EPOCH FROM now() - s.newest_at), 0)::bigint AS lag_seconds'
        ' FROM (%s'
        ' UNION ALL SELECT ''order_fact'', ''工单与反馈全貌'', coalesce(min(m.marked_at), now()), count(*) FROM hotline.order_mark AS m'
        ' UNION ALL SELECT r.rollup, r.rollup_name, coalesce(min(m.marked_at), now()), count(m.row_id)'
        ' FROM (VALUES (''call_hour'', ''呼叫汇总''), (''seat_hour'', ''坐席汇总''), (''satisfaction_day'', ''满意度汇总''),'
        ' (''order_day'', ''工单汇总''), (''indicator_month'', ''指标'')) AS r (rollup, rollup_name)'
        ' LEFT JOIN hotline.rollup_mark AS m ON r.rollup = m.rollup GROUP BY r.rollup, r.rollup_name) AS s', parts
    );
END
$$;
