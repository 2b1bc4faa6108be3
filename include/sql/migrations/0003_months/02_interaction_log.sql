-- The interaction log by months. Its rows are copied; views go on reading it under its name.

ALTER TABLE hotline.interaction_log RENAME TO interaction_log_whole;
ALTER SEQUENCE hotline.interaction_log_row_id_seq RENAME TO interaction_log_whole_row_id_seq;
ALTER INDEX hotline.interaction_log_pkey RENAME TO interaction_log_whole_pkey;
ALTER INDEX hotline.interaction_log_started_at RENAME TO interaction_log_whole_started_at;
ALTER INDEX hotline.interaction_log_key RENAME TO interaction_log_whole_key;

CREATE TABLE hotline.interaction_log (
    LIKE hotline.interaction_log_whole INCLUDING IDENTITY INCLUDING COMMENTS,
    PRIMARY KEY (row_id, started_at)
) PARTITION BY RANGE (started_at);

COMMENT ON TABLE hotline.interaction_log IS '交互日志（4.3）：每次调用一行，不含个人信息；按 started_at 的月份分区';

CREATE INDEX interaction_log_started_at ON hotline.interaction_log (started_at);
CREATE INDEX interaction_log_key ON hotline.interaction_log (interface, key);

CREATE TABLE hotline.interaction_log_default PARTITION OF hotline.interaction_log DEFAULT;

COMMENT ON TABLE hotline.interaction_log_default IS '交互日志：没有月分区的行；应为空，每晚移入新建的分区';

SELECT hotline.make_month('interaction_log', m.month)
FROM (
    SELECT date_trunc('month', l.started_at AT TIME ZONE 'Asia/Shanghai')::date AS month
    FROM hotline.interaction_log_whole AS l
    UNION
    SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + n * interval '1 month')::date AS month
    FROM generate_series(-1, 3) AS n
) AS m
ORDER BY m.month;

INSERT INTO hotline.interaction_log (
    row_id, started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256
)
OVERRIDING SYSTEM VALUE
SELECT
    row_id,
    started_at,
    interface,
    key,
    attempt,
    outcome,
    http_status,
    code,
    message,
    elapsed_ms,
    body_sha256
FROM hotline.interaction_log_whole;

SELECT setval(
    pg_get_serial_sequence('hotline.interaction_log', 'row_id'),
    (SELECT last_value FROM hotline.interaction_log_whole_row_id_seq),
    (SELECT is_called FROM hotline.interaction_log_whole_row_id_seq)
);

DO $$
DECLARE
    reader regclass;
BEGIN
    FOR reader IN
        SELECT DISTINCT r.ev_class FROM pg_depend AS d INNER JOIN pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = 'hotline.interaction_log_whole'::regclass
    LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', reader,
            regexp_replace(pg_get_viewdef(reader), '\minteraction_log_whole\M', 'interaction_log', 'g'));
    END LOOP;
END
$$;

DROP TABLE hotline.interaction_log_whole;
