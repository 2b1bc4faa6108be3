-- Forgets what a table has taken now; what it has not goes behind all others.

WITH taken AS (
    DELETE FROM hotline.publish_again
    WHERE docking_table = %(table)s AND regino = any(%(taken)s::text [])
)

UPDATE hotline.publish_again
SET tried_at = clock_timestamp()
WHERE docking_table = %(table)s AND regino = any(%(failed)s::text [])
