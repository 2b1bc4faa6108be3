-- Days beyond the usual range that are still to be settled: never counted, or not agreed when they last were.

SELECT m.day FROM hotline.reconciliation_missing AS m
UNION
SELECT s.day FROM hotline.reconciliation_state AS s
WHERE s.state <> 'agreed' AND s.kind = any(%(kinds)s::text [])
