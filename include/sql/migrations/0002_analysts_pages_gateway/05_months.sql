-- Tables that only grow and have a stated retention are partitioned by the month of Asia/Shanghai: a month that has outlived
-- it is dropped at once, instead of millions of rows one by one. What no month is made for stands in the default partition.

CREATE VIEW hotline.month_partition AS
SELECT
    parent.relname::text AS table_name,
    part.relname::text AS partition_name,
    to_date(right(part.relname, 7), 'YYYY_MM')::timestamp AT TIME ZONE 'Asia/Shanghai' AS begins,
    (to_date(right(part.relname, 7), 'YYYY_MM') + interval '1 month') AT TIME ZONE 'Asia/Shanghai' AS ends
FROM pg_catalog.pg_inherits AS i
INNER JOIN pg_catalog.pg_class AS part ON i.inhrelid = part.oid
INNER JOIN pg_catalog.pg_class AS parent ON i.inhparent = parent.oid
WHERE
    parent.relnamespace = 'hotline'::regnamespace
    AND parent.relkind = 'p'
    AND part.relname ~ '_[0-9]{4}_[0-9]{2}$';

COMMENT ON VIEW hotline.month_partition IS '按月分区的表：每个月分区一行';
COMMENT ON COLUMN hotline.month_partition.table_name IS '表名';
COMMENT ON COLUMN hotline.month_partition.partition_name IS '分区名：表名_年_月';
COMMENT ON COLUMN hotline.month_partition.begins IS '该月的起点（含），Asia/Shanghai';
COMMENT ON COLUMN hotline.month_partition.ends IS '该月的终点（不含）';

-- By the right of the tables' owner: the accounts of the DAGs change no schema.
CREATE FUNCTION hotline.make_month(of_table name, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET timezone = 'Asia/Shanghai'
SET lock_timeout = '5s'
AS $$
DECLARE
    begins timestamptz := date_trunc('month', month);
    ends timestamptz := date_trunc('month', month) + interval '1 month';
    made text := format('%s_%s', of_table, to_char(begins, 'YYYY_MM'));
    by_column text := (
        SELECT a.attname FROM pg_partitioned_table AS p
        INNER JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        WHERE p.partrelid = to_regclass(format('hotline.%I', of_table))
    );
BEGIN
    IF to_regclass(format('hotline.%I', made)) IS NOT NULL THEN
        RETURN false;
    END IF;
    -- No row comes into the default partition until this one takes it; readers are not kept waiting.
    EXECUTE format('LOCK TABLE hotline.%I IN SHARE ROW EXCLUSIVE MODE', of_table);
    EXECUTE format('CREATE TABLE hotline.%I (LIKE hotline.%I INCLUDING COMMENTS)', made, of_table);
    EXECUTE format('COMMENT ON TABLE hotline.%I IS %L', made, to_char(begins, 'YYYY 年 MM 月'));
    EXECUTE format(
        'WITH moved AS (DELETE FROM hotline.%I WHERE %I >= %L AND %I < %L RETURNING *) INSERT INTO hotline.%I TABLE moved',
        of_table || '_default', by_column, begins, by_column, ends, made
    );
    EXECUTE format('ALTER TABLE hotline.%I ATTACH PARTITION hotline.%I FOR VALUES FROM (%L) TO (%L)', of_table, made, begins, ends);
    RETURN true;
END
$$;

COMMENT ON FUNCTION hotline.make_month IS '为按月分区的表建立一个月的分区，并移入默认分区中该月的行；已有时返回 false';

CREATE FUNCTION hotline.drop_months(of_table name, before timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '5s'
AS $$
DECLARE
    gone text;
BEGIN
    FOR gone IN
        SELECT m.partition_name FROM hotline.month_partition AS m
        WHERE m.table_name = of_table AND m.ends <= before ORDER BY m.begins
    LOOP
        EXECUTE format('DROP TABLE hotline.%I', gone);
        RETURN NEXT gone;
    END LOOP;
END
$$;

COMMENT ON FUNCTION hotline.drop_months IS '删除在某一时刻之前结束的月分区，返回其名称';

REVOKE ALL ON FUNCTION hotline.make_month, hotline.drop_months FROM public;

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
