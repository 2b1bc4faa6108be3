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
        SELECT FROM hotline.count_reconciliation AS r
        WHERE r.day = days.day::date AND r.platform_count IS NOT null
    );

DROP TRIGGER counted_days ON hotline.count_reconciliation;
DROP FUNCTION hotline.keep_counted_days;
DROP TABLE hotline.counted_day;
