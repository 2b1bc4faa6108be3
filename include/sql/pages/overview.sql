-- name: overdue
-- Open orders behind their time, and since when the oldest is registered.

SELECT
    count(*) AS orders,
    min(o.due_at) AS due_at,
    min(o.registered_at) AS registered_at
FROM hotline.order_fact AS o
WHERE o.due_at < now() AND o.finished_at IS NULL AND NOT o.is_returned AND NOT o.is_withdrawn;

-- name: delivered
-- What runs delivered since a moment.

SELECT coalesce(sum(r.delivered), 0)::bigint AS delivered
FROM hotline.run_log AS r
WHERE r.finished_at >= %(since)s;

-- name: speed
-- Of what was delivered within the hour, seconds from written to delivered: of half, and of 95 of a hundred. As `latency` tells
-- it, found by the log of calls: its index is of bodies, which the account of the pages may not read.

SELECT percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY took.seconds)
FROM (
    SELECT DISTINCT
        d.row_id,
        extract(EPOCH FROM d.settled_at - d.written_at) AS seconds
    FROM hotline.interaction_log AS l
    INNER JOIN hotline.delivery AS d ON l.interface = d.interface AND l.key = d.key
    WHERE
        l.started_at > now() - interval '1 hour'
        AND l.outcome IN ('delivered', 'duplicate')
        AND d.state = 'delivered'
        AND d.settled_at > l.started_at
        AND d.written_at <= d.settled_at
) AS took;

-- name: days
-- What came in and went out, by day.

SELECT
    (r.finished_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
    sum(r.taken_in)::bigint AS taken_in,
    sum(r.delivered)::bigint AS delivered
FROM hotline.run_log AS r
WHERE r.finished_at >= %(since)s
GROUP BY (r.finished_at AT TIME ZONE 'Asia/Shanghai')::date;

-- name: put_aside
-- Answers of the platform, and notes of 12345, that wait for a person.

SELECT
    (
        SELECT count(*) FROM hotline.quarantined_answer
        WHERE state = 'open'
    ) AS answers,
    (
        SELECT count(*) FROM hotline.quarantined_note
        WHERE state = 'open'
    ) AS notes;

-- name: last_visits
-- When each interface last gave a complete answer, and what it could not give whole.

SELECT
    w.interface,
    max(w.visited_at) AS visited_at,
    count(*) FILTER (WHERE w.state = 'incomplete') AS incomplete,
    count(*) FILTER (WHERE w.state = 'failed') AS failed
FROM hotline.collection_window AS w
GROUP BY w.interface;

-- name: differences
-- Days that do not agree and that nobody accepted.

SELECT count(*) AS days
FROM hotline.unaccepted AS u
WHERE u.unexplained IS NOT NULL;

-- name: alerts
-- What was told today.

SELECT
    a.cause,
    a.subject,
    a.since,
    a.count,
    a.last_seen_at
FROM hotline.alert AS a
WHERE a.day = %(day)s;

-- name: unfetched
-- Feedback that clients of the gateway are still to fetch; no row where there are no clients.

SELECT
    count(o.offer_id) AS waiting,
    min(o.waiting_since) AS oldest
FROM hotline.gateway_client AS c
LEFT JOIN hotline.feedback_offer AS o ON c.client_id = o.client_id AND o.acknowledged_at IS NULL
WHERE c.revoked_at IS NULL
HAVING count(*) > 0;
