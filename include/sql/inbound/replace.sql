-- Rows of an order replace its current rows (DESIGN rule 11): what a whole answer does not repeat goes to history. An order
-- of which a row broke a rule, or that was not asked for, only gains rows: nothing says that the others are gone.

WITH gone AS (
    DELETE FROM {table} AS t
    USING (
        SELECT a.key FROM {answer} AS a
        WHERE NOT a.partial
        GROUP BY a.key
    ) AS whole
    WHERE
        t.{key_column} = whole.key
        AND NOT EXISTS (
            SELECT FROM {answer} AS a
            WHERE a.key = t.{key_column} AND a.content_hash = t.content_hash
        )
    RETURNING t.*
)

INSERT INTO {history}
SELECT
    gone.*,
    %(requested_at)s::timestamptz AS replaced_by
FROM gone
