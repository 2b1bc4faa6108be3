-- Rows that broke a rule, as they came; what the platform has fixed since is marked
-- (architecture: a bad row stops no other), whichever interface gave it: a whole answer holds all rows of each order in
-- it.

WITH bad AS (
    SELECT b.*
    FROM json_to_recordset(%(bad)s::json) AS b (key text, content_hash bytea, reasons text [], raw bytea)
),

kept AS (
    INSERT INTO hotline.quarantined_answer (
        interface, key, content_hash, reasons, raw, state, first_seen_at, last_seen_at, window_begin, window_end
    )
    SELECT
        %(interface)s,
        bad.key,
        bad.content_hash,
        bad.reasons,
        bad.raw,
        -- Decided already, when it came by the other interface that gives rows of this table.
        coalesce(
            (
                SELECT max(other.state) FROM hotline.quarantined_answer AS other
                WHERE
                    other.interface = any(%(interfaces)s)
                    AND other.key = bad.key
                    AND other.content_hash = bad.content_hash
                    AND other.state IN ('released', 'discarded')
            ),
            'open'
        ),
        %(requested_at)s,
        %(requested_at)s,
        to_timestamp(%(begins)s::bigint),
        to_timestamp(%(ends)s::bigint)
    FROM bad
    ON CONFLICT (interface, key, content_hash) DO UPDATE SET
        last_seen_at = greatest(quarantined_answer.last_seen_at, excluded.last_seen_at),
        reasons = excluded.reasons,
        -- The narrowest window that ever brought a row says most about when its order was registered.
        window_begin = CASE
            WHEN
                excluded.window_end - excluded.window_begin
                < quarantined_answer.window_end - quarantined_answer.window_begin
                OR quarantined_answer.window_begin IS NULL
                THEN excluded.window_begin
            ELSE quarantined_answer.window_begin
        END,
        window_end = CASE
            WHEN
                excluded.window_end - excluded.window_begin
                < quarantined_answer.window_end - quarantined_answer.window_begin
                OR quarantined_answer.window_end IS NULL
                THEN excluded.window_end
            ELSE quarantined_answer.window_end
        END,
        state = CASE quarantined_answer.state WHEN 'replaced' THEN 'open' ELSE quarantined_answer.state END
)

UPDATE hotline.quarantined_answer AS q
SET state = 'replaced'
WHERE
    %(whole)s
    AND q.interface = any(%(interfaces)s)
    AND q.state = 'open'
    AND q.key <> ''
    AND q.key = any(%(keys)s::text [])
    AND NOT EXISTS (
        SELECT FROM bad
        WHERE bad.key = q.key AND bad.content_hash = q.content_hash
    )
