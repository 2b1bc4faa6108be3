-- Deadlines of the batch that are not there yet; orders that nobody knows yet included. One that is known and has no usable
-- time was written again where another has taken its place since and is not read beside it (as keep_times in
-- outbound/versions.sql).

WITH told AS (
    SELECT
        b.position,
        read.deadline::timestamp AT TIME ZONE 'Asia/Shanghai' AS deadline,
        left(b.body::jsonb ->> 'regino', 200) AS regino,
        left(b.body::jsonb ->> 'deadline', 100) AS deadline_text,
        hotline.written_moment(b.written_at, b.collected_at) AS written_at,
        hotline.is_usable(b.written_at) AS is_timed
    FROM batch AS b
    INNER JOIN unnest(%(positions)s::integer [], %(deadlines)s::text []) AS read (position, deadline)
        ON b.position = read.position
)

INSERT INTO hotline.order_deadline (regino, deadline, deadline_text, written_at)
SELECT
    t.regino,
    t.deadline,
    t.deadline_text,
    t.written_at
FROM told AS t
LEFT JOIN LATERAL (
    SELECT d.deadline_text
    FROM hotline.order_deadline AS d
    WHERE NOT t.is_timed AND d.regino = t.regino
    ORDER BY d.written_at DESC, d.row_id DESC
    LIMIT 1
) AS newest ON TRUE
WHERE
    t.is_timed
    OR NOT EXISTS (
        SELECT 1 FROM hotline.order_deadline AS d
        WHERE d.regino = t.regino AND d.deadline_text = t.deadline_text
    )
    OR NOT EXISTS (
        SELECT 1 FROM told AS beside
        WHERE beside.regino = t.regino AND beside.deadline_text = newest.deadline_text
    )
ORDER BY t.written_at, t.position
ON CONFLICT DO NOTHING
