-- name: bound_waits
-- No version waits longer than it may from now: what is due later was put off before the clock was set back, and is due at
-- once.

UPDATE hotline.delivery AS d
SET
    next_attempt_at = now(),
    claimed_until = CASE WHEN d.claimed_until IS NOT NULL THEN least(d.claimed_until, now()) END
WHERE
    d.interface = any(%(interfaces)s::text [])
    AND d.state IN ('waiting', 'rejected')
    AND d.rounds > 0
    AND d.next_attempt_at > now() + %(longest)s::interval
    AND (d.state <> 'rejected' OR d.next_attempt_at > now() + greatest(%(longest)s, %(refused_again)s)::interval);

-- name: claim
-- Takes versions for this run: first what was never tried, and a share of what is due again, so that neither starves.
-- Per key one version at a time, older before newer (architecture: never old after new): a version waits while another
-- of its key is in flight or an older one is unsettled. A claim that was never given back ends by itself and is due
-- again. A refused version that a newer one followed is not tried again, unless its sender died in between: then it has
-- to have a result before the newer one. A delivered version is in flight while a reconciliation sends it once more.

WITH fresh AS (
    SELECT d.row_id
    FROM hotline.delivery AS d
    WHERE
        d.interface = %(interface)s
        AND d.state = 'waiting'
        AND d.rounds = 0
        AND NOT EXISTS (
            SELECT 1
            FROM hotline.delivery AS other
            WHERE
                other.interface = d.interface
                AND other.key = d.key
                AND other.row_id <> d.row_id
                AND (
                    (other.claimed_until IS NOT NULL AND (other.state <> 'delivered' OR other.claimed_until BETWEEN now() AND now() + %(lease)s))
                    OR (
                        (other.state = 'waiting' OR other.outcome_unknown)
                        AND (other.written_at, other.row_id) < (d.written_at, d.row_id)
                    )
                )
        )
    ORDER BY d.row_id
    LIMIT %(fresh)s
    FOR UPDATE OF d SKIP LOCKED
),

due AS (
    SELECT d.row_id
    FROM hotline.delivery AS d
    WHERE
        d.interface = %(interface)s
        AND d.state IN ('waiting', 'rejected')
        AND d.rounds > 0
        AND d.next_attempt_at <= now()
        AND NOT EXISTS (
            SELECT 1
            FROM hotline.delivery AS other
            WHERE
                other.interface = d.interface
                AND other.key = d.key
                AND other.row_id <> d.row_id
                AND (
                    (other.claimed_until IS NOT NULL AND (other.state <> 'delivered' OR other.claimed_until BETWEEN now() AND now() + %(lease)s))
                    OR (
                        (other.state = 'waiting' OR other.outcome_unknown)
                        AND (other.written_at, other.row_id) < (d.written_at, d.row_id)
                    )
                    OR (
                        d.state = 'rejected'
                        AND d.claimed_until IS NULL
                        AND NOT d.outcome_unknown
                        AND other.state IN ('waiting', 'delivered', 'rejected')
                        AND (other.written_at, other.row_id) > (d.written_at, d.row_id)
                    )
                )
        )
    ORDER BY d.next_attempt_at
    LIMIT greatest(%(due)s, %(fresh)s + %(due)s - (SELECT count(*) FROM fresh))
    FOR UPDATE OF d SKIP LOCKED
),

chosen AS (
    SELECT row_id FROM fresh
    UNION ALL
    SELECT row_id FROM due
)

UPDATE hotline.delivery AS d
SET
    rounds = d.rounds + 1,
    -- A claim that ran out was held by a run that died: it may have sent.
    outcome_unknown = d.outcome_unknown OR d.claimed_until IS NOT NULL,
    claimed_by = %(run)s,
    claimed_until = clock_timestamp() + %(lease)s,
    next_attempt_at = clock_timestamp() + %(lease)s
FROM chosen
WHERE d.row_id = chosen.row_id
RETURNING d.row_id, d.key, d.body, d.body_sha256, d.attempts, d.rounds;

-- name: claim_again
-- Takes versions that a reconciliation wants to be sent once more. The mark is spent with the claim: whatever becomes of this
-- run, they are not sent another time. None goes while another version of its key is in flight or unsettled, and none after a
-- newer one (architecture: never old after new). What a newer one has overtaken is not wanted any more; nor is what
-- nobody sent for half a day, since the platform may show the order by now.

WITH lapsed AS (
    UPDATE hotline.delivery AS d
    SET resend = 'lapsed'
    WHERE
        d.interface = %(interface)s
        AND d.resend = 'due'
        AND (
            d.resend_asked_at < now() - interval '12 hours'
            OR EXISTS (
                SELECT 1
                FROM hotline.delivery AS newer
                WHERE
                    newer.interface = d.interface
                    AND newer.key = d.key
                    AND newer.state = 'delivered'
                    AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
            )
        )
),

due AS (
    SELECT d.row_id
    FROM hotline.delivery AS d
    WHERE
        d.interface = %(interface)s
        AND d.resend = 'due'
        AND d.resend_asked_at >= now() - interval '12 hours'
        AND d.state = 'delivered'
        AND d.body IS NOT NULL
        AND coalesce(d.claimed_until NOT BETWEEN now() AND now() + %(lease)s, TRUE)
        AND NOT EXISTS (
            SELECT 1
            FROM hotline.delivery AS other
            WHERE
                other.interface = d.interface
                AND other.key = d.key
                AND other.row_id <> d.row_id
                AND (
                    (other.state IN ('waiting', 'held', 'rejected') AND other.discarded_at IS NULL)
                    OR other.claimed_until BETWEEN now() AND now() + %(lease)s
                    OR (other.state = 'delivered' AND (other.written_at, other.row_id) > (d.written_at, d.row_id))
                )
        )
    ORDER BY d.row_id
    LIMIT %(most)s
    FOR UPDATE OF d SKIP LOCKED
)

UPDATE hotline.delivery AS d
SET
    resend = 'taken',
    rounds = d.rounds + 1,
    claimed_by = %(run)s,
    claimed_until = clock_timestamp() + %(lease)s
FROM due
WHERE d.row_id = due.row_id
RETURNING d.row_id, d.key, d.body, d.body_sha256, d.attempts, d.rounds;

-- name: overtaken
-- Of versions that were just claimed to be sent once more, those of whose key a newer one has come: it may have been claimed
-- by a run that could not see this claim yet. Whoever asks after the claim sees it, or is seen.

SELECT d.row_id
FROM hotline.delivery AS d
WHERE
    d.row_id = any(%(row_ids)s::bigint [])
    AND EXISTS (
        SELECT 1
        FROM hotline.delivery AS newer
        WHERE
            newer.interface = d.interface
            AND newer.key = d.key
            AND newer.row_id <> d.row_id
            AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
            AND newer.state IN ('waiting', 'held', 'rejected', 'delivered')
    );

-- name: record_results
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
    FROM
        json_to_recordset(%(tries)s::json)
            AS t (
                started_at timestamptz, interface text, key text, attempt integer, outcome text, http_status integer,
                code text, message text, elapsed_ms real, body_sha256 bytea
            )
    -- A session that broke at its commit may have written them: a try stands in the log once.
    WHERE
        NOT %(again)s OR NOT EXISTS (
            SELECT FROM hotline.interaction_log AS known
            WHERE
                known.interface = t.interface
                AND known.key = t.key
                AND known.started_at = t.started_at
                AND known.attempt = t.attempt
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
RETURNING d.interface, CASE WHEN settled.is_again AND d.resend = 'not_accepted' THEN d.resend ELSE d.state END;

-- name: release
-- Gives back claims whose versions were not sent at all: they are as fresh, or as due, as before, also those that are due once
-- more for a reconciliation. One that a newer version
-- has followed meanwhile is superseded, as it would have been at once had nobody held it
-- (architecture: never old after new).

WITH released AS (
    SELECT
        d.row_id,
        d.state <> 'delivered' AND NOT d.outcome_unknown AND EXISTS (
            SELECT 1
            FROM hotline.delivery AS newer
            WHERE
                newer.interface = d.interface
                AND newer.key = d.key
                AND newer.row_id <> d.row_id
                AND (newer.written_at, newer.row_id) > (d.written_at, d.row_id)
                AND newer.state IN ('waiting', 'delivered', 'rejected')
        ) AS overtaken
    FROM hotline.delivery AS d
    WHERE d.row_id = any(%(row_ids)s::bigint []) AND d.claimed_by = %(run)s
)

UPDATE hotline.delivery AS d
SET
    state = CASE WHEN released.overtaken THEN 'superseded' ELSE d.state END,
    settled_at = CASE WHEN released.overtaken THEN now() ELSE d.settled_at END,
    resend = CASE WHEN d.state = 'delivered' AND d.resend = 'taken' THEN 'due' ELSE d.resend END,
    rounds = d.rounds - 1,
    claimed_by = NULL,
    claimed_until = NULL,
    next_attempt_at = CASE WHEN d.state <> 'delivered' AND NOT released.overtaken THEN now() END
FROM released
WHERE d.row_id = released.row_id AND d.claimed_by = %(run)s;
