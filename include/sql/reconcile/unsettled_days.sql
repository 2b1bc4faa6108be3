-- Days beyond the usual range that are still to be settled: never counted, or not agreed when they last were.

SELECT
    m.day,
    NULL AS kind
FROM hotline.reconciliation_missing AS m
UNION
SELECT
    s.day,
    s.kind
FROM hotline.reconciliation_state AS s
WHERE s.state <> 'agreed'
