-- A DAG that should have finished a run by now, seen from outside it: by what its runs leave behind.

SELECT
    expected.dag AS subject,
    max(r.finished_at) AS since,
    count(r.row_id) AS count
FROM unnest(%(dags)s::text [], %(limits)s::interval []) AS expected (dag, longest)
LEFT JOIN hotline.run_log AS r ON expected.dag = r.dag
GROUP BY expected.dag, expected.longest
HAVING max(r.finished_at) < now() - expected.longest
