-- Orders of one kind as 12345 put them. What was put again after a return is history in its first form.

INSERT INTO {table} (row_id, {columns}, content_hash, written_at, loaded_at)
SELECT
    2 * %(calls)s + n,
    {columns},
    content_hash,
    written_at,
    taken_in_at
FROM made_order
WHERE kind = %(kind)s AND NOT is_network AND taken_in_at < %(end)s::timestamptz;

INSERT INTO {history} (row_id, {columns}, content_hash, written_at, loaded_at, replaced_at)
SELECT
    2 * %(calls)s + n,
    {columns},
    sha256(content_hash),
    written_at,
    taken_in_at,
    returned_at + interval '24 hours 5 minutes'
FROM made_order
WHERE kind = %(kind)s AND NOT is_network AND n %% 2 = 0 AND returned_at < %(end)s::timestamptz - interval '25 hours';
