-- Calls that a seat served while, by the seat logs, nobody was signed in. 12345 may write a login only when the seat signs
-- out, so calls of the last day are not judged; a seat that never signed out counts for as long.

WITH shift AS (
    SELECT
        range_agg(
            tstzrange(
                s.{begin_column},
                greatest(s.{begin_column}, coalesce(s.{end_column}, s.{begin_column} + %(shift)s::interval)),
                '[]'
            )
        ) AS on_duty
    FROM {seats} AS s
    WHERE s.{begin_column} >= %(window_begin)s::timestamptz - %(shift)s::interval
)

SELECT
    c.{key_column} AS key,
    NOT coalesce(c.{field} <@ shift.on_duty, false) AS failing
FROM {table} AS c CROSS JOIN shift
WHERE
    c.written_at >= %(window_begin)s
    AND c.written_at < %(window_end)s
    AND c.{field} >= %(window_begin)s
    AND c.{field} < %(window_end)s::timestamptz - %(shift)s::interval
