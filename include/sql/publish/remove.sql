-- Rows of the orders looked at that should not be there.

DELETE FROM {table} AS t
WHERE
    {looked_at}
    AND NOT EXISTS (
        SELECT 1 FROM desired AS d
        WHERE {same_key}
    )
