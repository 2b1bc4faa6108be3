-- name: lock_feedback
-- Nobody stores feedback until this transaction has ended.

LOCK TABLE
hotline.case_feedback, hotline.complaint_feedback, hotline.report_feedback, hotline.consultation_feedback
IN SHARE MODE;

-- name: find

SELECT c.client_id FROM hotline.gateway_client AS c
WHERE c.name = %(name)s::text AND c.revoked_at IS null
FOR NO KEY UPDATE;

-- name: add

INSERT INTO hotline.gateway_client (name, app_id, areas, area_at, origins)
VALUES (%(name)s, %(app_id)s, %(areas)s, %(area_at)s, %(origins)s)
RETURNING client_id;

-- name: add_token

INSERT INTO hotline.gateway_token (client_id, token_hash) VALUES (%(client)s, %(token_hash)s);

-- name: end_tokens
-- The newest is taken a while longer; two at a time are valid at most.

UPDATE hotline.gateway_token AS t
SET
    ends_at = CASE
        WHEN
            t.made_at = (
                SELECT max(n.made_at) FROM hotline.gateway_token AS n
                WHERE n.client_id = t.client_id
            )
            THEN now() + %(overlap)s::interval
        ELSE now()
    END
WHERE t.client_id = %(client)s::integer AND t.ends_at > now()
RETURNING t.ends_at;

-- name: revoke

UPDATE hotline.gateway_client SET revoked_at = now()
WHERE client_id = %(client)s::integer;

-- name: revoke_tokens

UPDATE hotline.gateway_token AS t
SET ends_at = now()
WHERE
    t.client_id = %(client)s::integer
    AND t.ends_at > now()
    AND NOT (
        %(old_token_only)s::boolean
        AND t.made_at = (
            SELECT max(n.made_at) FROM hotline.gateway_token AS n
            WHERE n.client_id = t.client_id
        )
    );

-- name: set_areas

UPDATE hotline.gateway_client SET areas = %(areas)s
WHERE client_id = %(client)s::integer;

-- name: withdraw
-- What lies outside a client's areas, and it has not acknowledged.

DELETE FROM hotline.feedback_offer AS o
USING hotline.gateway_client AS c
WHERE
    c.client_id = %(client)s::integer
    AND c.client_id = o.client_id
    AND o.acknowledged_at IS null
    AND NOT hotline.is_in_areas(o.regino, c.areas, c.area_at);

-- name: offer
-- All feedback on orders of a client's areas, but not of those that it had before, in the order in which it came.

INSERT INTO hotline.feedback_offer (client_id, origin, feedback_id, regino)
SELECT
    c.client_id,
    f.origin,
    f.row_id,
    f.regino
FROM hotline.gateway_client AS c
CROSS JOIN (
    SELECT
        'case_feedback' AS origin,
        b.row_id,
        b.region AS regino,
        b.loaded_at
    FROM hotline.case_feedback AS b
    UNION ALL
    SELECT
        'complaint_feedback' AS origin,
        b.row_id,
        b.odrno AS regino,
        b.loaded_at
    FROM hotline.complaint_feedback AS b
    UNION ALL
    SELECT
        'report_feedback' AS origin,
        b.row_id,
        b.odrno AS regino,
        b.loaded_at
    FROM hotline.report_feedback AS b
    UNION ALL
    SELECT
        'consultation_feedback' AS origin,
        b.row_id,
        b.odrno AS regino,
        b.loaded_at
    FROM hotline.consultation_feedback AS b
) AS f
WHERE
    c.client_id = %(client)s::integer
    AND f.loaded_at >= coalesce(%(since)s::timestamptz, '-infinity')
    AND hotline.is_in_areas(f.regino, c.areas, c.area_at)
    AND NOT hotline.is_in_areas(f.regino, %(areas_before)s::text [], c.area_at) -- noqa: RF02
ORDER BY f.loaded_at, f.row_id
ON CONFLICT DO NOTHING;

-- name: list

SELECT
    c.name,
    c.app_id,
    c.areas,
    c.made_at,
    c.revoked_at,
    c.fetched_at,
    o.waiting,
    o.offered,
    o.acknowledged,
    o.oldest_at,
    (
        SELECT count(*) FROM hotline.gateway_token AS t
        WHERE t.client_id = c.client_id AND t.ends_at > now()
    ) AS tokens
FROM hotline.gateway_client AS c
CROSS JOIN
    LATERAL (
        SELECT
            count(*) FILTER (WHERE f.acknowledged_at IS null) AS waiting,
            count(*) FILTER (WHERE f.acknowledged_at IS null AND f.offered_at IS NOT null) AS offered,
            count(f.acknowledged_at) AS acknowledged,
            min(f.waiting_since) FILTER (WHERE f.acknowledged_at IS null) AS oldest_at
        FROM hotline.feedback_offer AS f
        WHERE f.client_id = c.client_id
    ) AS o
ORDER BY c.revoked_at IS NOT null, c.name;

-- name: known
-- Every client in use with its tokens, as the gateway looks them up.

SELECT
    c.client_id,
    c.name,
    c.app_id,
    c.areas,
    c.area_at,
    c.origins,
    array_agg(t.token_hash) AS token_hashes
FROM hotline.gateway_client AS c
INNER JOIN hotline.gateway_token AS t ON c.client_id = t.client_id
WHERE c.revoked_at IS null AND t.ends_at > now()
GROUP BY c.client_id;
