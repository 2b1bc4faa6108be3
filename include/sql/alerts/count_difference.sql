-- Days that do not agree as of their latest check, by kind; since when the oldest of them does not. Columns are read by place.

SELECT -- noqa: ST06
    s.kind AS subject,
    min(s.checked_at) AS since,
    count(*) AS count
FROM hotline.reconciliation_state AS s
WHERE s.state IN ('open', 'incomplete')
GROUP BY s.kind
