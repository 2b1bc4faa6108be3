-- name: log_tries
-- The tries of queries, drains and acknowledgements, in the interaction log (specification 4.3).

INSERT INTO hotline.interaction_log (
    started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256
)
SELECT
    t.started_at,
    t.interface,
    t.key,
    t.attempt,
    t.outcome,
    t.http_status,
    t.code,
    t.message,
    t.elapsed_ms,
    t.body_sha256
FROM json_to_recordset(%(tries)s::json) AS t (
    started_at timestamptz, interface text, key text, attempt integer, outcome text, http_status integer,
    code text, message text, elapsed_ms real, body_sha256 bytea
);
