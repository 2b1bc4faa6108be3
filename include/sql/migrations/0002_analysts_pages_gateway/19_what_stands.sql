-- What is stored already is computed by the first runs of analytics_refresh.

INSERT INTO hotline.order_mark (regino)
SELECT o.regino FROM hotline.registered_order AS o
WHERE o.regino <> ''
UNION
SELECT o.regino FROM hotline.complaint_order AS o
WHERE o.regino <> ''
UNION
SELECT o.regino FROM hotline.report_order AS o
WHERE o.regino <> ''
UNION
SELECT o.regino FROM hotline.consultation_order AS o
WHERE o.regino <> ''
UNION
SELECT b.regino FROM hotline.feedback AS b
WHERE b.regino <> '';

INSERT INTO hotline.rollup_mark (rollup, day)
SELECT
    'call_hour',
    (c.calltime AT TIME ZONE 'Asia/Shanghai')::date
FROM hotline.call_log AS c
WHERE isfinite(c.calltime)
UNION
SELECT
    'satisfaction_day',
    (s.opttime AT TIME ZONE 'Asia/Shanghai')::date
FROM hotline.satisfaction_log AS s
WHERE isfinite(s.opttime)
UNION
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
