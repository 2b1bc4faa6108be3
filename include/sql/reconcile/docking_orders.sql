-- Orders that 12345 took, by the day of registration that their newest row names: eight digits, whatever the text is else.
-- Two numbers that are one up to their 200th character are two orders. A row that nobody has collected is overdue after a while,
-- and at once where it does not tell when it was written.

SELECT
    taken.day,
    taken.is_uncollected,
    taken.is_overdue,
    %(interface)s AS interface,
    left(taken.order_number, 200) AS key
FROM (
    SELECT
        {order_number} AS order_number,
        (array_agg({day_named} ORDER BY d.written_at DESC NULLS LAST))[1] AS day,
        bool_or(d.collected_at IS NULL) AS is_uncollected,
        bool_or(
            d.collected_at IS NULL
            AND coalesce(
                d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE
            )
        ) AS is_overdue
    FROM {table} AS d -- noqa: AL04
    -- Those whose newest row names one of the days are chosen below.
    WHERE {of_days}
    GROUP BY {order_number}
) AS taken
WHERE taken.day = any(%(days)s::text [])
