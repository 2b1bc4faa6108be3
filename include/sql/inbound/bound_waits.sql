-- No window waits longer than it may from now: what was visited, asked for or put off later than now, as the clock was set back
-- since, is due at once, and no answer of today counts as older than that visit.

UPDATE hotline.collection_window AS w
SET
    due_at = least(w.due_at, %(now)s::timestamptz),
    retry_at = NULL,
    visited_at = CASE WHEN w.visited_at IS NOT NULL THEN least(w.visited_at, %(now)s::timestamptz) END
WHERE
    w.interface = %(interface)s
    AND (
        w.visited_at > %(now)s::timestamptz + %(ahead)s::interval
        OR (w.due_because <> 'age' AND greatest(w.due_at, w.retry_at) > %(now)s::timestamptz + %(ahead)s::interval)
    )
