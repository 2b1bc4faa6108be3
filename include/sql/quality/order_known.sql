-- Rows whose order was never collected, neither into a case table nor into quarantine. An order may be collected later than
-- what belongs to it, so rows of the last minutes are not judged.

SELECT
    child.{key_column} AS key,
    NOT EXISTS (
        SELECT 1 FROM hotline.registered_order AS o
        WHERE o.regino = child.{key_column}
    )
    AND NOT EXISTS (
        SELECT 1 FROM hotline.quarantined_answer AS q
        WHERE q.key = child.{key_column}
    ) AS failing
FROM {table} AS child
WHERE
    child.loaded_at >= %(window_begin)s
    AND child.loaded_at < %(window_end)s::timestamptz - %(grace)s::interval
    AND child.{key_column} IS NOT NULL
