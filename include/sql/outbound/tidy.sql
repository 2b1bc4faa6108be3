-- Stated retention (docs/configuration): bodies some days after delivery, their SHA-256 stays; the interaction log longer.
-- Bounded, so that a run of every minute never waits for it.

WITH bodies AS (
    UPDATE hotline.delivery
    SET body = NULL
    WHERE
        row_id IN (
            SELECT d.row_id
            FROM hotline.delivery AS d
            WHERE
                d.body IS NOT NULL
                AND d.state IN ('delivered', 'superseded')
                AND d.settled_at < now() - %(keep_bodies)s::interval
            ORDER BY d.settled_at
            LIMIT 10000
        )
    RETURNING 1
),

tries AS (
    DELETE FROM hotline.interaction_log
    WHERE
        row_id IN (
            SELECT l.row_id
            FROM hotline.interaction_log AS l
            WHERE l.started_at < now() - %(keep_log)s::interval
            ORDER BY l.row_id
            LIMIT 10000
        )
    RETURNING 1
)

SELECT
    (SELECT count(*) FROM bodies) AS bodies,
    (SELECT count(*) FROM tries) AS tries
