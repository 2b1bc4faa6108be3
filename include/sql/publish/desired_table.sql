-- What one table is to hold, on the side of the docking store.

CREATE TEMPORARY TABLE desired ON COMMIT DROP AS
SELECT {columns} FROM {table}
WHERE FALSE
