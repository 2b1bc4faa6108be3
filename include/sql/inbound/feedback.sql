-- name: note_fetch
INSERT INTO hotline.drain_fetch AS known (interface, fetched_at, row_count)
VALUES (%(interface)s, %(fetched_at)s, %(row_count)s)
ON CONFLICT (interface) DO UPDATE
    SET fetched_at = excluded.fetched_at, row_count = excluded.row_count
    WHERE
    excluded.fetched_at >= known.fetched_at
    OR known.fetched_at > excluded.fetched_at + interval '1 hour' -- the clock was set back;
