-- Codes of one column that no version of their list knows, with how many current rows hold them.

SELECT
    t.{column} AS code,
    count(*) AS rows
FROM {table} AS t
WHERE
    t.{column} <> ''
    AND NOT EXISTS (
        SELECT FROM hotline.standard_data AS s
        WHERE s.category = %(key)s AND s.code = t.{column}
    )
GROUP BY t.{column}
ORDER BY count(*) DESC, t.{column} ASC
