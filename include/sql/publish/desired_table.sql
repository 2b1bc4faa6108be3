-- What one table is to hold, and the orders that were looked at, on the side of the docking store.

CREATE TEMPORARY TABLE desired ON COMMIT DROP AS
SELECT {columns} FROM {table}
WHERE FALSE;
CREATE TEMPORARY TABLE looked_at (regino text PRIMARY KEY) ON COMMIT DROP
