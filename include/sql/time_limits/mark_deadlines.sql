-- A row is marked only while it still is the row that was read: a change made in between stays uncollected.

UPDATE docking.order_deadline AS d
SET collected_at = clock_timestamp()
FROM
    unnest(
        %(tids)s::text [], %(reginos)s::text [], %(texts)s::text []
    ) AS seen (tid, regino, deadline)
WHERE
    d.ctid = seen.tid::tid
    AND d.collected_at IS NULL
    AND (d.regino, d.deadline) IS NOT DISTINCT FROM (seen.regino, seen.deadline)
