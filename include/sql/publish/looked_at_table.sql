-- The orders that this run looks at, on the side of the docking store, for all its transactions.

DROP TABLE IF EXISTS pg_temp.looked_at;
CREATE TEMPORARY TABLE looked_at (regino text)
