-- Rows whose parent never arrived: neither in the parent's table nor as a version in any state, quarantined ones included.
-- A parent may arrive later than its child, so rows of the last minutes are not judged.

SELECT
    child.{key_column} AS key,
    NOT EXISTS (
        SELECT 1 FROM {parent} AS p
        WHERE p.{parent_key} = child.{field}
    )
    AND NOT EXISTS (
        SELECT 1 FROM hotline.delivery AS d
        WHERE d.interface = {parent_interface} AND d.key = child.{field}
    ) AS failing
FROM {table} AS child
WHERE
    child.written_at >= %(window_begin)s
    AND child.written_at < %(window_end)s::timestamptz - %(grace)s::interval
    AND child.{field} IS NOT NULL
