-- Rows that were put aside before any rule was asked: what they break besides is told too.

UPDATE version AS v
SET state = 'quarantined', reasons = b.reasons || v.reasons
FROM batch AS b
WHERE b.position = v.position AND b.reasons <> '{}'
