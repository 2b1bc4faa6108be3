-- Orders of one kind as the platform shows them; of some it showed another content before.

INSERT INTO {table} ({columns}, content_hash, source, requested_at, window_begin, window_end, loaded_at)
SELECT
    {columns},
    content_hash,
    %(source)s,
    collected_at,
    date_trunc('day', registime),
    date_trunc('day', registime) + interval '1 day',
    collected_at
FROM made_order
WHERE kind = %(kind)s AND collected_at < %(end)s::timestamptz
ORDER BY collected_at;

INSERT INTO {history} (
    row_id, {columns}, flags, content_hash, source, requested_at, window_begin, window_end, loaded_at, replaced_by, replaced_at
)
SELECT
    n,
    {columns},
    '{{}}',
    sha256(content_hash),
    %(source)s,
    collected_at - interval '5 minutes',
    date_trunc('day', registime),
    date_trunc('day', registime) + interval '1 day',
    collected_at - interval '5 minutes',
    collected_at,
    collected_at
FROM made_order
WHERE kind = %(kind)s AND pg_temp.u(n, 130) < 0.02 AND collected_at < %(end)s::timestamptz;
