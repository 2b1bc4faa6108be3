-- Calls of the gateway whose signature was wrong, in the last hour: a token that was not handed over, or somebody who tries.

SELECT
    '网关' AS subject,
    min(l.started_at) AS since,
    count(*) AS count
FROM hotline.interaction_log AS l
WHERE
    l.started_at > now() - interval '1 hour' AND l.interface LIKE 'gateway/%%' AND l.outcome = 'turned_away'
    AND l.code LIKE '401%%'
HAVING count(*) >= %(refused_least)s
