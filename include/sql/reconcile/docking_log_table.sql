-- Rows of a docking log, on the side of the local store.

CREATE TEMPORARY TABLE docking_log_row (
    day date NOT NULL,
    key text NOT NULL,
    content_hash bytea NOT NULL,
    docking_rows bigint NOT NULL,
    uncollected bigint NOT NULL,
    overdue bigint NOT NULL
) ON COMMIT DROP
