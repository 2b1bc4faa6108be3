-- Days that the platform has counted, one row each: which day it never did is told without a look at every check of years.

CREATE TABLE hotline.counted_day (day date PRIMARY KEY);

COMMENT ON TABLE hotline.counted_day IS '平台已统计过数量的日期；每个日期一行，由触发器写入';

INSERT INTO hotline.counted_day
SELECT DISTINCT r.day
FROM hotline.count_reconciliation AS r
WHERE r.platform_count IS NOT null;

CREATE FUNCTION hotline.keep_counted_days() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.counted_day
    SELECT DISTINCT r.day
    FROM recorded AS r
    WHERE r.platform_count IS NOT null
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE TRIGGER counted_days AFTER INSERT ON hotline.count_reconciliation
REFERENCING NEW TABLE AS recorded FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_counted_days();

CREATE OR REPLACE VIEW hotline.reconciliation_missing AS
SELECT days.day::date AS day
FROM (
    SELECT min(w.begins - interval '1 microsecond') AT TIME ZONE 'Asia/Shanghai' + interval '1 day' AS since
    FROM hotline.collection_window AS w
) AS collected
CROSS JOIN
    LATERAL generate_series(
        date_trunc('day', collected.since),
        date_trunc('day', now() AT TIME ZONE 'Asia/Shanghai') - interval '1 day',
        interval '1 day'
    ) AS days (day)
WHERE
    NOT EXISTS (
        SELECT FROM hotline.counted_day AS counted
        WHERE counted.day = days.day::date
    );
