-- Replies later than any that is known: the longest measured took 1,160 days.

SELECT
    child.{key_column} AS key,
    child.{happens} > o.registime + interval '1500 days' AS failing
FROM {table} AS child INNER JOIN hotline.registered_order AS o ON child.{key_column} = o.regino
WHERE
    child.loaded_at >= %(window_begin)s
    AND child.loaded_at < %(window_end)s
    AND child.{happens} IS NOT NULL
    AND o.registime IS NOT NULL
