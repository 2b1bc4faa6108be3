-- Contents of further orders under numbers that another order has, on the side of the local store.

CREATE TEMPORARY TABLE IF NOT EXISTS docking_other (
    day date NOT NULL,
    interface text NOT NULL,
    key text NOT NULL,
    nth integer NOT NULL,
    content_hash bytea NOT NULL,
    is_uncollected boolean NOT NULL,
    is_overdue boolean NOT NULL
)
