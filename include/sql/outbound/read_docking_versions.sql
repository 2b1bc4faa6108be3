-- What the docking table holds now, as versions: key, content hash, rows with that content, and how many of them nobody
-- has collected.

COPY (
    SELECT
        left({key}, 200),
        sha256(convert_to(row_to_json(content)::text, 'UTF8')),
        count(*),
        count(*) FILTER (WHERE d.collected_at IS NULL)
    FROM {table} AS d
    CROSS JOIN LATERAL (SELECT {content}) AS content
    WHERE {only}
    GROUP BY 1, 2
) TO STDOUT
