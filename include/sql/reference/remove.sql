-- Rows that no file names any more. Keys are compared as text: NULL equals NULL, and the planner can hash them.

DELETE FROM {table} AS t
WHERE NOT EXISTS (
    SELECT FROM wanted
    WHERE ROW({wanted_key})::text = ROW({current_key})::text
)
