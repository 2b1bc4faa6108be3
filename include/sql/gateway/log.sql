-- name: write
-- Calls of the gateway, in the interaction log (specification 4.3). What they did is committed by itself: nobody waits for the
-- disk a second time.

WITH quickly AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true) AS setting
)

INSERT INTO hotline.interaction_log (
    started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256
)
SELECT
    t.started_at,
    t.interface,
    t.key,
    1 AS attempt,
    t.outcome,
    t.http_status,
    t.code,
    t.message,
    t.elapsed_ms,
    t.body_sha256
FROM quickly
CROSS JOIN json_to_recordset(%(lines)s::json) AS t (
    started_at timestamptz, interface text, key text, outcome text, http_status integer, code text, message text,
    elapsed_ms real, body_sha256 bytea
);
