-- name: events
SELECT
    l.at,
    l.event,
    l.kind,
    l.detail,
    l.origin,
    l.is_exact
FROM hotline.order_life AS l
WHERE l.regino = %(regino)s;

-- name: published
-- When a published table last took something of an order, how many rows it holds of it, and its state where it has one.

SELECT
    max(t.updated_at) AS at,
    count(*) AS row_count,
    max({state}) AS state
FROM {table} AS t
WHERE t.regino = %(regino)s
HAVING count(*) > 0;
