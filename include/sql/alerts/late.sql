-- Interfaces of which more than a twentieth of what was delivered within the hour took longer than the limit from written to
-- delivered. A few say nothing, and what waited for the bureau was not late. Columns are read by place; bodies are kept for
-- longer than is asked about, so that their index serves.

SELECT -- noqa: ST06
    d.interface AS subject,
    min(d.settled_at) FILTER (WHERE d.settled_at - d.written_at > %(late_limit)s::interval) AS since,
    count(*) AS count
FROM hotline.delivery AS d
WHERE
    d.body IS NOT NULL
    AND d.state = 'delivered'
    AND d.settled_at > now() - interval '1 hour'
    AND d.written_at <= d.settled_at
    AND NOT EXISTS (
        SELECT FROM hotline.order_audit AS a
        WHERE a.interface = d.interface AND a.regino = d.key AND a.content_hash = d.content_hash
    )
GROUP BY d.interface
HAVING
    count(*) >= 20
    AND count(*) FILTER (WHERE d.settled_at - d.written_at > %(late_limit)s::interval) > 0.05 * count(*)
