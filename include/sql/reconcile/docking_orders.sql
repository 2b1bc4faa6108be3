-- Orders that 12345 took, by the day of registration that their newest row names: eight digits, whatever the text is else.
-- Two numbers that are one up to their 200th character are two orders. A row that nobody has collected is overdue after a while,
-- and at once where it does not tell when it was written.

SELECT
    taken.day,
    taken.is_uncollected,
    taken.is_overdue,
    %(interface)s AS interface,
    left(taken.regino, 200) AS key
FROM (
    SELECT
        d.regino,
        (array_agg(left(translate(d.registime, '-', ''), 8) ORDER BY d.written_at DESC NULLS LAST))[1] AS day,
        bool_or(d.collected_at IS NULL) AS is_uncollected,
        bool_or(
            d.collected_at IS NULL
            AND coalesce(
                d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE
            )
        ) AS is_overdue
    FROM {table} AS d
    WHERE
        d.regino <> ''
        -- The days that any row of an order names have an index; those of its newest row are chosen below.
        AND d.regino IN (
            SELECT named.regino FROM {table} AS named
            WHERE left(translate(named.registime, '-', ''), 8) = any(%(days)s::text [])
        )
    GROUP BY d.regino
) AS taken
WHERE taken.day = any(%(days)s::text [])
