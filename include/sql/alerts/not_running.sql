-- A DAG that should have finished a run by now, seen from outside it: by what its runs leave behind, and where it never ran,
-- by the day of installation. Columns are read by place.

SELECT -- noqa: ST06
    expected.dag AS subject,
    coalesce(latest.finished_at, d.installed_at) AS since,
    1 AS count
FROM unnest(%(dags)s::text [], %(limits)s::interval []) AS expected (dag, longest)
CROSS JOIN hotline.deployment AS d
LEFT JOIN LATERAL (
    SELECT max(r.finished_at) AS finished_at FROM hotline.run_log AS r
    WHERE r.dag = expected.dag AND r.finished_at <= now()
) AS latest ON TRUE
WHERE coalesce(latest.finished_at, d.installed_at) < now() - expected.longest
ORDER BY expected.dag
