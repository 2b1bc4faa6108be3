-- Begins a restore, or goes on with the one that did not end. An earlier moment wins.

INSERT INTO hotline.restore AS r (since, actor, reason)
VALUES (%(since)s, %(actor)s, %(reason)s)
ON CONFLICT ((TRUE)) WHERE ended_at IS NULL DO UPDATE
    SET since = least(r.since, excluded.since), actor = excluded.actor, reason = excluded.reason
RETURNING r.since
