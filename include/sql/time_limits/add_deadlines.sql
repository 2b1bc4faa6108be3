-- Deadlines that are not there yet; orders that nobody knows yet included.

INSERT INTO hotline.order_deadline (regino, deadline, deadline_text, written_at)
SELECT
    left(coalesce(new.regino, ''), 200) AS regino,
    new.deadline::timestamp AT TIME ZONE 'Asia/Shanghai' AS deadline,
    left(new.deadline_text, 100) AS deadline_text,
    new.written_at::timestamptz AS written_at
FROM
    unnest(
        %(reginos)s::text [], %(deadlines)s::text [], %(texts)s::text [], %(written)s::text []
    ) AS new (regino, deadline, deadline_text, written_at)
ON CONFLICT DO NOTHING
