-- The platform refuses AppId, Token or signature, and has not accepted anything since.

SELECT
    'platform_12315' AS subject,
    min(l.started_at) AS since,
    count(*) AS count
FROM hotline.interaction_log AS l
WHERE
    l.started_at > now() - interval '30 minutes'
    AND l.outcome = 'unauthorized'
    AND l.started_at > coalesce(
        (
            SELECT max(good.started_at)
            FROM hotline.interaction_log AS good
            WHERE good.started_at > now() - interval '30 minutes' AND good.outcome IN ('delivered', 'duplicate', 'refused')
        ),
        '-infinity'
    )
HAVING count(*) > 0
