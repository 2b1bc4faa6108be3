-- What a log of the docking store holds of some days, as versions: key, content hash, day of each row, and whether nobody has
-- collected it. The versions are hashed there, so no personal data travels. A row that nobody has collected and that does not
-- tell when it was written, so that no day would ever miss it, is one of the last day.

SELECT
    told.day,
    left({key}, 200) AS key,
    sha256(convert_to(row_to_json(content)::text, 'UTF8')) AS content_hash,
    count(*) AS docking_rows,
    count(*) FILTER (WHERE d.collected_at IS NULL) AS uncollected,
    count(*) FILTER (
        WHERE d.collected_at IS NULL
        AND coalesce(d.written_at NOT BETWEEN now() - %(not_collected)s::interval AND now() + interval '1 day', TRUE)
    ) AS overdue
FROM {table} AS d
CROSS JOIN LATERAL (SELECT {content}) AS content
CROSS JOIN
    LATERAL (
        SELECT
            CASE
                WHEN d.written_at BETWEEN '2000-01-01 00:00:00+08' AND now() + interval '1 day'
                    THEN (d.written_at AT TIME ZONE 'Asia/Shanghai')::date
                WHEN d.collected_at IS NULL THEN %(last)s::date
            END AS day
    ) AS told
WHERE
    (
        (d.written_at >= %(begins)s AND d.written_at < %(ends)s)
        OR (
            d.collected_at IS NULL
            AND coalesce(
                d.written_at NOT BETWEEN '2000-01-01 00:00:00+08' AND now() + interval '1 day', TRUE
            )
        )
    )
    AND {only}
    AND told.day = any(%(days)s::date [])
GROUP BY 1, 2, 3
