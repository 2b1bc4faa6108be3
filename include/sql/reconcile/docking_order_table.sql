-- Orders of the docking store, on the side of the local store.

CREATE TEMPORARY TABLE docking_order (
    regino text PRIMARY KEY,
    day text NOT NULL,
    uncollected boolean NOT NULL
) ON COMMIT DROP
