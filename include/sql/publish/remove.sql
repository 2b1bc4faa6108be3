-- Rows that should not be there. One that somebody else filled in too is not the bridge's to remove.

DELETE FROM {table} AS t
USING surplus AS d
WHERE {same_key} AND {not_filled_in}
