-- Rows of orders that a whole answer should have held and did not (see `known.sql`): reported, never deleted
-- (architecture: replace by order).

UPDATE {table}
SET missing_since = %(requested_at)s
WHERE row_id = any(%(row_ids)s)
