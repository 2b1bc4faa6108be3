-- Rows that are not there, or are different; what is right already is neither touched nor locked. Columns that the bridge
-- does not carry stay as they are.

INSERT INTO {table} ({columns})
SELECT {columns} FROM desired AS d
WHERE
    -- Both are qualified, once they are filled in.
    NOT EXISTS (
        SELECT 1 FROM {table} AS t
        WHERE {same_key} AND ROW({current}) IS NOT DISTINCT FROM ROW({wanted}) -- noqa: RF02
    )
ON CONFLICT ({key_columns}) DO UPDATE
    SET ({columns}, updated_at) = ROW({excluded}, CURRENT_TIMESTAMP)
