-- Takes versions for this run: first what was never tried, and a share of what is due again, so that neither starves.
-- Per key one version at a time, older before newer (architecture: never old after new): a version waits while another
-- of its key is in flight or an older one is unsettled. A claim that was never given back ends by itself and is due
-- again. A refused version that a newer one followed is not tried again, unless its sender died in between: then it has
-- to settle before the newer one. A delivered version is in flight while a reconciliation sends it once more.

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
RETURNING d.row_id, d.key, d.body, d.body_sha256, d.attempts, d.rounds
