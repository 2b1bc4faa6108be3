-- What was counted each night: now and then a day does not agree at first.

SELECT
    setval(pg_get_serial_sequence('hotline.delivery', 'row_id'), 2 * %(calls)s + 2 * %(orders)s + 1);

INSERT INTO hotline.count_reconciliation (
    checked_at, day, kind, docking_count, delivered_count, platform_count, local_count, unexplained, state, repair
)
SELECT
    c.day::timestamptz + (1 + t.number) * interval '1 day' + interval '3 hours 30 minutes' AS checked_at,
    c.day,
    c.kind,
    c.rows,
    c.rows,
    c.rows,
    c.rows - CASE WHEN d.is_open THEN 1 + c.rows %% 4 ELSE 0 END,
    CASE WHEN d.is_open THEN 1 + c.rows %% 4 ELSE 0 END,
    CASE WHEN NOT d.is_open THEN 'agreed' WHEN c.rows %% 2 = 0 THEN 'open' ELSE 'incomplete' END,
    CASE WHEN d.is_open THEN jsonb_build_object('asked_again', 1) END
FROM (
    SELECT
        registime::date AS day,
        'complaint' AS kind,
        count(*) AS rows
    FROM hotline.complaint_order GROUP BY 1
    UNION ALL
    SELECT
        registime::date,
        'report',
        count(*)
    FROM hotline.report_order GROUP BY 1
    UNION ALL
    SELECT
        registime::date,
        'consultation',
        count(*)
    FROM hotline.consultation_order GROUP BY 1
    UNION ALL
    SELECT
        calltime::date,
        'call_log',
        count(*)
    FROM hotline.call_log GROUP BY 1
    UNION ALL
    SELECT
        begintime::date,
        'recording_log',
        count(*)
    FROM hotline.recording_log GROUP BY 1
    UNION ALL
    SELECT
        opttime::date,
        'satisfaction_log',
        count(*)
    FROM hotline.satisfaction_log GROUP BY 1
) AS c
CROSS JOIN generate_series(0, 1) AS t (number)
CROSS JOIN LATERAL (
    SELECT pg_temp.u((c.day - date '2000-01-01') * 10::bigint + length(c.kind), 120) < 0.03 AS is_differing
) AS f
CROSS JOIN LATERAL (SELECT t.number = 0 AND f.is_differing AS is_open) AS d
WHERE (t.number = 0 OR f.is_differing) AND c.day < %(end)s::date - 1
ORDER BY 1, 2, 3;

-- Nothing of it waits to be published.
TRUNCATE hotline.order_change;

-- An order is computed once, whatever there is of it: each of its rows has left a mark.
CREATE TEMPORARY TABLE made_mark AS
SELECT DISTINCT regino FROM hotline.order_mark;

TRUNCATE hotline.order_mark;
INSERT INTO hotline.order_mark (regino)
SELECT regino FROM made_mark
ORDER BY regino;

DROP TABLE made_mark;
