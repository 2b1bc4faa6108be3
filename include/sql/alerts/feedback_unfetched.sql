-- Feedback that a client of the gateway was to fetch, and has not acknowledged for long.

SELECT
    c.name AS subject,
    min(o.waiting_since) AS since,
    count(*) AS count
FROM hotline.feedback_offer AS o
INNER JOIN hotline.gateway_client AS c ON o.client_id = c.client_id
WHERE o.acknowledged_at IS null AND o.waiting_since < now() - %(fetch_limit)s::interval AND c.revoked_at IS null
GROUP BY c.name
