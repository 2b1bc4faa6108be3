-- Deadlines that 12345 wrote and nobody collected yet. Times travel as text: another organisation may write 'infinity'.

SELECT
    d.regino,
    d.deadline,
    d.ctid::text AS tid,
    coalesce(d.written_at, '-infinity')::text AS written_at
FROM docking.order_deadline AS d
WHERE d.collected_at IS NULL
ORDER BY d.written_at, d.ctid
LIMIT %(limit)s
