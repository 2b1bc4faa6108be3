-- What happened to an order before it was registered.

SELECT
    child.{key_column} AS key,
    child.{happens} < {earliest} AS failing
FROM {table} AS child INNER JOIN hotline.registered_order AS o ON child.{key_column} = o.regino
WHERE
    child.loaded_at >= %(window_begin)s
    AND child.loaded_at < %(window_end)s
    AND child.{happens} IS NOT NULL
    AND o.registime IS NOT NULL
