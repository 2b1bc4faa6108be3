-- What is stored already is computed by the next runs of analytics_refresh. Columns of tables are explained as those of views.

INSERT INTO hotline.order_mark (regino)
SELECT DISTINCT b.regino FROM hotline.feedback AS b
WHERE
    b.regino <> ''
    AND NOT EXISTS (
        SELECT FROM hotline.order_mark AS m
        WHERE m.regino = b.regino
    );

INSERT INTO hotline.rollup_mark (rollup, day)
SELECT
    'seat_hour',
    (l.begintime AT TIME ZONE 'Asia/Shanghai')::date
FROM hotline.seat_login_log AS l
WHERE isfinite(l.begintime)
UNION
SELECT
    'seat_hour',
    (l.endtime AT TIME ZONE 'Asia/Shanghai')::date
FROM hotline.seat_login_log AS l
WHERE isfinite(l.endtime);

DO $$
DECLARE
    meaning record;
BEGIN
    FOR meaning IN
        SELECT
            t.attrelid::regclass AS table_name,
            t.attname,
            col_description(v.attrelid, v.attnum) AS text
        FROM (VALUES ('feedback_fact', 'feedback'), ('seat_hour', 'seat_hour')) AS shown (table_name, view_name)
        INNER JOIN pg_attribute AS t ON t.attrelid = ('hotline.' || shown.table_name)::regclass AND t.attnum > 0
        INNER JOIN pg_attribute AS v
            ON v.attrelid = ('analytics.' || shown.view_name)::regclass AND t.attname = v.attname
    LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', meaning.table_name, meaning.attname, meaning.text);
    END LOOP;
END
$$;
