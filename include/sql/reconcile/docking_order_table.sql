-- Orders of the docking store, on the side of the local store, for all that one run looks at: it reads 12345's tables once.

CREATE TEMPORARY TABLE IF NOT EXISTS docking_order (
    day date NOT NULL,
    is_uncollected boolean NOT NULL,
    is_overdue boolean NOT NULL,
    interface text NOT NULL,
    key text NOT NULL
)
