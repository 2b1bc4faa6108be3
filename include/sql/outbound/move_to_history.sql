WITH replaced AS (
    DELETE FROM {table} AS current
    USING version AS v
    WHERE v.is_current AND current.{key_column} = v.key
    RETURNING current.*
)

INSERT INTO {history}
SELECT replaced.* FROM replaced
