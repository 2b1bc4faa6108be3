-- The newest content of each order as 12345 wrote it, whether it passes the rules or not; but not what another order of this number
-- says.

INSERT INTO hotline.order_source AS known (interface, key, body, written_at)
SELECT DISTINCT ON (v.key)
    %(interface)s,
    v.key,
    v.body,
    v.written_at
FROM version AS v
WHERE v.key <> '' AND NOT %(shared)s = any(v.reasons)
ORDER BY v.key ASC, v.written_at DESC, v.position DESC
ON CONFLICT (interface, key) DO UPDATE
    SET body = excluded.body, written_at = excluded.written_at
    WHERE excluded.written_at >= known.written_at
