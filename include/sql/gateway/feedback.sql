-- name: begin
-- One fetch or acknowledgement of a client at a time: what one has cleared, the other no longer sees.

UPDATE hotline.gateway_client SET fetched_at = now()
WHERE client_id = %(client)s::integer;

-- name: fetch
-- The feedback that waits longest, marked as offered. What has nothing to show any more (the same reply came by the other set of
-- interfaces, or its row is gone) is closed. Returns the rows as one JSON array, how many they are, and how many were closed.

WITH chosen AS MATERIALIZED (
    SELECT
        o.offer_id,
        o.offered_at,
        r.row_text
    FROM (
        SELECT
            w.offer_id,
            w.origin,
            w.feedback_id,
            w.regino,
            w.offered_at
        FROM hotline.feedback_offer AS w
        WHERE w.client_id = %(client)s::integer AND w.acknowledged_at IS null
        ORDER BY w.offer_id
        LIMIT %(most)s::integer
    ) AS o
    LEFT JOIN LATERAL (
        SELECT {row}::text AS row_text
        FROM hotline.replies_on(o.regino) AS r
        WHERE r.origin = o.origin AND r.feedback_id = o.feedback_id
    ) AS r ON true
),

marked AS (
    UPDATE hotline.feedback_offer AS o
    SET
        offered_at = coalesce(o.offered_at, now()),
        acknowledged_at = CASE WHEN c.row_text IS null THEN now() END
    FROM chosen AS c
    WHERE o.offer_id = c.offer_id AND (c.offered_at IS null OR c.row_text IS null)
)

SELECT
    '[' || coalesce(string_agg(c.row_text, ',' ORDER BY c.offer_id), '') || ']' AS answer,
    count(c.row_text) AS shown_count,
    count(*) - count(c.row_text) AS closed_count,
    md5(string_agg(c.offer_id::text, ',' ORDER BY c.offer_id) FILTER (WHERE c.row_text IS NOT null)) AS offers
FROM chosen AS c;

-- name: waiting
-- What a fetch of each of these clients would offer now, as one value.

SELECT
    c.client_id,
    (
        SELECT md5(string_agg(o.offer_id::text, ',' ORDER BY o.offer_id))
        FROM (
            SELECT w.offer_id FROM hotline.feedback_offer AS w
            WHERE w.client_id = c.client_id AND w.acknowledged_at IS null
            ORDER BY w.offer_id
            LIMIT %(most)s::integer
        ) AS o
    ) AS offers
FROM unnest(%(clients)s::integer []) AS c (client_id);

-- name: acknowledge
-- What was offered on these orders, and on no other client's. What came since is not touched.

WITH cleared AS (
    UPDATE hotline.feedback_offer AS o
    SET acknowledged_at = now()
    WHERE
        o.client_id = %(client)s::integer
        AND o.regino = any(%(numbers)s::text [])
        AND o.offered_at IS NOT null
        AND o.acknowledged_at IS null
    RETURNING o.regino
)

SELECT
    count(DISTINCT c.regino) AS order_count,
    count(*) AS row_count
FROM cleared AS c;

-- name: of_numbers
-- For each of some calls: feedback on the orders that it names, of its client's areas; where a time is given, on those that were
-- registered in it.

SELECT
    f.answer,
    f.row_count,
    f.is_cut
FROM
    json_to_recordset(%(calls)s::json)
        AS c (
            place integer, numbers text [], areas text [], area_at integer, any_time boolean, begin timestamptz, until timestamptz
        )
CROSS JOIN
    LATERAL (
        SELECT
            '[' || coalesce(string_agg(g.row_text, ',' ORDER BY g.place) FILTER (WHERE g.place <= %(most)s::integer), '')
            || ']' AS answer,
            least(count(*), %(most)s::integer) AS row_count,
            count(*) > %(most)s::integer AS is_cut
        FROM (
            SELECT
                {row}::text AS row_text,
                row_number() OVER (ORDER BY n.place, r.feetime, r.feedback_id) AS place
            FROM unnest(c.numbers) WITH ORDINALITY AS n (regino, place)
            CROSS JOIN LATERAL hotline.replies_on(n.regino) AS r
            WHERE
                hotline.is_in_areas(n.regino, c.areas, c.area_at)
                AND (
                    c.any_time
                    OR EXISTS (
                        SELECT FROM hotline.order_fact AS o
                        WHERE o.regino = n.regino AND o.registered_at >= c.begin AND o.registered_at < c.until
                    )
                )
            ORDER BY place
            LIMIT %(most)s::integer + 1
        ) AS g
    ) AS f
ORDER BY c.place;

-- name: of_time
-- Feedback on the orders of a client's areas that were registered in a time, the oldest orders first. Replies are looked up order by
-- order until there are enough, so that a long time takes no longer than a short one that is full.

SELECT
    '[' || coalesce(string_agg(f.row_text, ',' ORDER BY f.place) FILTER (WHERE f.place <= %(most)s::integer), '') || ']' AS answer,
    least(count(*), %(most)s::integer) AS row_count,
    count(*) > %(most)s::integer AS is_cut
FROM (
    SELECT
        g.row_text,
        row_number() OVER (ORDER BY g.registered_at, g.regino, g.feetime, g.feedback_id) AS place
    FROM (
        SELECT
            {row}::text AS row_text,
            n.registered_at,
            n.regino,
            r.feetime,
            r.feedback_id
        FROM (
            SELECT
                o.regino,
                min(o.registered_at) AS registered_at
            FROM hotline.order_fact AS o
            WHERE
                o.day BETWEEN (%(begin)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
                AND (%(until)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date
                AND o.registered_at >= %(begin)s AND o.registered_at < %(until)s
                AND hotline.is_in_areas(o.regino, %(areas)s::text [], %(area_at)s::integer)
            GROUP BY o.regino
            ORDER BY registered_at, o.regino
        ) AS n
        CROSS JOIN LATERAL hotline.replies_on(n.regino) AS r
        ORDER BY n.registered_at, n.regino, r.feetime, r.feedback_id
        LIMIT %(most)s::integer + 1
    ) AS g
) AS f;
