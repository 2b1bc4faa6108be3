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
RETURNING d.row_id, d.key, d.body, d.body_sha256, d.attempts, d.rounds
