-- Rows that are not there, or are different; what is right already is not touched.

INSERT INTO {table} AS t ({columns})
SELECT {columns} FROM desired
ON CONFLICT ({key_columns}) DO UPDATE
    SET ({columns}, updated_at) = (SELECT {excluded}, now())
    WHERE row({current}) IS DISTINCT FROM row({excluded})
