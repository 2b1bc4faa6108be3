-- Writes what became of a batch of claimed versions, and every try of them to the interaction log, in one statement.
-- A success counts whoever reports it; anything else counts only from the holder of the claim. What the platform certainly
-- has not got, or refused in the end, is superseded when a newer version has come meanwhile: nobody would try it again. A version
-- that was sent once more for a reconciliation was delivered before, and stays so: `resend` says what the platform said now.

WITH result AS (
    SELECT r.*
    FROM json_to_recordset(%(results)s::json) AS r (
        row_id bigint, state text, tries integer, unknown boolean, code text, message text, delay real
    )
),

settled AS (
    SELECT
        d.row_id,
        result.tries,
        result.delay,
        d.state = 'delivered' AS is_again,
        CASE WHEN d.state = 'delivered' THEN d.code ELSE result.code END AS code,
        CASE WHEN d.state = 'delivered' THEN d.message ELSE result.message END AS message,
        CASE
            WHEN d.state <> 'delivered' THEN d.resend
            WHEN result.state = 'delivered' THEN 'accepted'
            ELSE 'not_accepted'
        END AS resend,
        d.state <> 'delivered'
        AND result.state = 'waiting'
        AND (result.unknown OR d.outcome_unknown) AS unknown,
        coalesce(
            d.first_refused_at, CASE WHEN d.state <> 'delivered' AND result.state = 'rejected' THEN now() END
        ) AS first_refused_at,
        CASE
            WHEN d.state = 'delivered' THEN d.state
            WHEN
                result.state = 'delivered'
                OR (result.state = 'waiting' AND (result.unknown OR d.outcome_unknown))
                OR NOT EXISTS (
                    SELECT 1
                    FROM hotline.delivery AS newer
                    WHERE
                        newer.interface = d.interface
                        AND newer.key = d.key
                        AND newer.row_id <> d.row_id
                        AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
                        AND newer.state IN ('waiting', 'delivered', 'rejected')
                )
                THEN result.state
            ELSE 'superseded'
        END AS state
    FROM result
    INNER JOIN hotline.delivery AS d ON result.row_id = d.row_id
    WHERE
        (d.state IN ('waiting', 'rejected') AND (result.state = 'delivered' OR d.claimed_by = %(run)s))
        OR (d.state = 'delivered' AND d.resend = 'taken' AND d.claimed_by = %(run)s)
),

logged AS (
    INSERT INTO hotline.interaction_log (
        started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256
    )
    SELECT t.*
    FROM json_to_recordset(%(tries)s::json) AS t (
        started_at timestamptz, interface text, key text, attempt integer, outcome text, http_status integer,
        code text, message text, elapsed_ms real, body_sha256 bytea
    )
)

UPDATE hotline.delivery AS d
SET
    state = settled.state,
    attempts = d.attempts + settled.tries,
    outcome_unknown = settled.unknown,
    code = settled.code,
    message = settled.message,
    first_refused_at = settled.first_refused_at,
    resend = settled.resend,
    settled_at = CASE WHEN settled.is_again THEN d.settled_at WHEN settled.state <> 'waiting' THEN now() END,
    claimed_by = NULL,
    claimed_until = NULL,
    next_attempt_at = CASE
        WHEN settled.state = 'waiting' THEN now() + settled.delay * interval '1 second'
        WHEN settled.state = 'rejected' AND settled.first_refused_at > now() - %(refused_for)s::interval
            THEN now() + %(refused_again)s::interval
    END
FROM settled
WHERE d.row_id = settled.row_id
RETURNING d.interface, CASE WHEN settled.is_again AND d.resend = 'not_accepted' THEN d.resend ELSE d.state END
