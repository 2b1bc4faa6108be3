CREATE TEMPORARY TABLE IF NOT EXISTS docking_version (
    key text NOT NULL,
    content_hash bytea NOT NULL,
    docking_rows bigint NOT NULL,
    uncollected bigint NOT NULL
) ON COMMIT DELETE ROWS
