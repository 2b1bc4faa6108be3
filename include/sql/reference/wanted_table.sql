-- What a table is to hold.

CREATE TEMPORARY TABLE wanted ON COMMIT DROP AS
SELECT {columns} FROM {table}
WHERE FALSE
