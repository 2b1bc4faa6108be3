-- Rows that are not there, or are different.

INSERT INTO {table} AS t ({columns})
SELECT {columns} FROM wanted
ON CONFLICT ({key_columns}) DO UPDATE
    SET ({columns}) = ROW({excluded})
    WHERE ROW({current}) IS DISTINCT FROM ROW({excluded})
