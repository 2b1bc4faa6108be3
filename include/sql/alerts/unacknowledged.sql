-- Acknowledgements of one order that the platform refused today and did not take since: its feedback comes again each time.

SELECT
    latest.interface AS subject,
    min(latest.started_at) AS since,
    count(*) AS count
FROM (
    SELECT DISTINCT ON (l.interface, l.key)
        l.interface,
        l.key,
        l.started_at,
        l.outcome
    FROM hotline.interaction_log AS l
    WHERE l.interface = any(%(acknowledgements)s::text []) AND l.started_at >= now() - interval '1 day'
    ORDER BY l.interface ASC, l.key ASC, l.started_at DESC
) AS latest
WHERE latest.outcome = 'refused' AND latest.key !~ ' [+][0-9]+$'
GROUP BY latest.interface
