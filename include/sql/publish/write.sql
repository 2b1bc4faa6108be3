-- Brings a table to what the orders looked at are to have there; in one statement, and without a table of its own. What is
-- right already is neither touched nor locked, and columns that the bridge does not carry stay as they are. A row that should
-- not be there goes, unless somebody else filled it in too: then it loses what the bridge wrote.

WITH desired AS MATERIALIZED (
    SELECT {columns} FROM jsonb_populate_recordset(cast(NULL AS {table}), %(desired)s::jsonb)
),

held AS MATERIALIZED (
    SELECT {columns} FROM {held}
    WHERE {looked_at}
),

written AS (
    INSERT INTO {table} ({columns})
    SELECT {columns} FROM desired AS d
    WHERE
        -- Both are qualified, once they are filled in.
        NOT EXISTS (
            SELECT 1 FROM held AS t
            WHERE {same_key} AND row({current}) IS NOT DISTINCT FROM row({wanted}) -- noqa: RF02
        )
    ON CONFLICT ({key_columns}) DO UPDATE
        SET ({columns}, updated_at) = ROW({excluded}, now())
    RETURNING 1
),

removed AS (
    DELETE FROM {held}
    WHERE
        {looked_at}
        AND {not_filled_in}
        AND NOT EXISTS (
            SELECT 1 FROM desired AS d
            WHERE {same_key}
        )
    RETURNING 1
),

withdrawn AS (
    UPDATE {held}
    SET {nothing}, updated_at = now()
    WHERE
        {looked_at}
        AND NOT {not_filled_in}
        AND NOT {withdrawn}
        AND NOT EXISTS (
            SELECT 1 FROM desired AS d
            WHERE {same_key}
        )
    RETURNING 1
)

SELECT
    (SELECT count(*) FROM desired) AS desired,
    (SELECT count(*) FROM written) AS written,
    (SELECT count(*) FROM removed) + (SELECT count(*) FROM withdrawn) AS removed
