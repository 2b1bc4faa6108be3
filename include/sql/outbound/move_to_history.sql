-- What is replaced goes to history. Equal content that was written again replaces nothing: its row only learns the new time.

WITH replaced AS (
    DELETE FROM {table} AS current
    USING version AS v
    WHERE v.is_current AND current.{key_column} = v.key
    RETURNING current.*
)

INSERT INTO {history}
SELECT replaced.* FROM replaced
WHERE
    NOT EXISTS (
        SELECT 1 FROM version AS v
        WHERE v.is_current AND v.delivery_id = replaced.row_id
    )
