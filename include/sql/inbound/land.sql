-- The answer as it came (architecture: replace by order). An answer of the same bytes is kept once.

INSERT INTO hotline.landing (interface, answer_sha256, answer, row_count, window_begin, window_end, requested_at)
VALUES (
    %(interface)s,
    %(answer_sha256)s,
    %(answer)b,
    %(row_count)s,
    to_timestamp(%(begins)s::bigint),
    to_timestamp(%(ends)s::bigint),
    %(requested_at)s
)
ON CONFLICT (interface, answer_sha256) DO UPDATE SET
    seen_count = landing.seen_count + 1,
    requested_at = greatest(landing.requested_at, excluded.requested_at),
    window_begin = excluded.window_begin,
    window_end = excluded.window_end
