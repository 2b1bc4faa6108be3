-- How many limits are in which state, and the years that the calendar lacks for those that are unknown.

SELECT
    s.kind,
    s.stage,
    s.state,
    count(*) AS orders,
    count(*) FILTER (WHERE s.urge_count > 0) AS urged,
    array_agg(DISTINCT extract(YEAR FROM s.registime AT TIME ZONE 'Asia/Shanghai')::integer)
    FILTER (WHERE s.state = 'unknown' AND s.registime IS NOT NULL) AS registered_in
FROM judged AS s
GROUP BY s.kind, s.stage, s.state
ORDER BY s.kind, s.stage, s.state
