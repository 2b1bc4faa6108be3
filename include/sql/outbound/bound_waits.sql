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
    AND (d.state <> 'rejected' OR d.next_attempt_at > now() + greatest(%(longest)s, %(refused_again)s)::interval)
