-- Keys of the rows of a docking table that were written last and are marked as collected: each has a version, unless the local
-- store is older than the docking store.

SELECT DISTINCT left(newest.key, 200) AS key
FROM (
    SELECT d.{key_column} AS key
    FROM {table} AS d
    WHERE d.collected_at IS NOT NULL AND d.written_at <= now()
    ORDER BY d.written_at DESC
    LIMIT 20
) AS newest
WHERE newest.key <> ''
