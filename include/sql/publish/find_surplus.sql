-- Rows of the orders looked at that should not be there. Mostly none: asked by keys alone, so that the planner has nothing to
-- guess about contents, whatever statistics another organisation's table has.

CREATE TEMPORARY TABLE surplus ON COMMIT DROP AS
SELECT {key} FROM {table} AS t
WHERE
    {looked_at}
    AND NOT EXISTS (
        SELECT 1 FROM desired AS d
        WHERE {same_key}
    )
