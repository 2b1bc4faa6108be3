-- Cuts the windows of an interface at both ends of a stretch, so that each lies wholly inside or outside of it.

WITH cut AS (
    SELECT
        w.row_id,
        w.ends,
        p.at
    FROM hotline.collection_window AS w
    INNER JOIN unnest(
        ARRAY[to_timestamp(%(begins)s::bigint), to_timestamp(%(ends)s::bigint)]
    ) AS p (at) ON w.begins < p.at AND w.ends > p.at
    WHERE
        w.interface = %(interface)s
        AND w.begins >= hotline.first_window(%(interface)s, to_timestamp(%(begins)s::bigint))
        AND w.begins < to_timestamp(%(ends)s::bigint)
),

part AS (
    SELECT
        cut.row_id,
        cut.at AS begins,
        coalesce(lead(cut.at) OVER (PARTITION BY cut.row_id ORDER BY cut.at), cut.ends) AS ends,
        min(cut.at) OVER (PARTITION BY cut.row_id) AS first_cut
    FROM cut
),

shortened AS (
    UPDATE hotline.collection_window AS w
    SET
        ends = part.first_cut,
        row_count = NULL
    FROM part
    WHERE w.row_id = part.row_id AND part.begins = part.first_cut
)

INSERT INTO hotline.collection_window (
    interface, begins, ends, state, request_count, visited_at, due_at, retry_at, due_because, message
)
SELECT
    w.interface,
    part.begins,
    part.ends,
    w.state,
    0,
    w.visited_at,
    w.due_at,
    w.retry_at,
    w.due_because,
    w.message
FROM part INNER JOIN hotline.collection_window AS w ON part.row_id = w.row_id
