-- Forgets just the changes that were looked at, and keeps what a table did not take.

WITH looked_at AS (
    DELETE FROM hotline.order_change
    WHERE row_id = any(%(row_ids)s::bigint [])
)

INSERT INTO hotline.publish_again (docking_table, regino)
SELECT
    failed.docking_table,
    failed.regino
FROM unnest(%(tables)s::text [], %(reginos)s::text []) AS failed (docking_table, regino)
ON CONFLICT (docking_table, regino) DO NOTHING
