-- What a log of the docking store holds of some days, as versions: key, content hash, day of each row, and whether nobody has
-- collected it. The versions are hashed there, so no personal data travels.

SELECT
    left(coalesce(d.{key_column}, ''), 200) AS key,
    sha256(convert_to(row_to_json(content)::text, 'UTF8')) AS content_hash,
    (d.written_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
    count(*) AS docking_rows,
    count(*) FILTER (WHERE d.collected_at IS NULL) AS uncollected
FROM {table} AS d
CROSS JOIN LATERAL (SELECT {content}) AS content
WHERE d.written_at >= %(begins)s AND d.written_at < %(ends)s
GROUP BY 1, 2, 3
