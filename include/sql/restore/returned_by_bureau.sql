-- What the bureau returned before it was sent, as 12345 was told.

SELECT
    r.regino,
    r.handdept,
    r.agent,
    r.dealresult,
    r.updatetime::text AS decided_at
FROM docking.order_return AS r
WHERE r.origin = 'bureau'
