-- Of the contents of the notes just read, the newest of each is the current one.

WITH newest AS (
    SELECT DISTINCT ON (t.note_key)
        t.note_key,
        t.row_id
    FROM {table} AS t
    WHERE t.note_key IN (SELECT hotline.note_key(b.body, {key}) FROM batch AS b)
    ORDER BY t.note_key ASC, t.written_at DESC, t.row_id DESC
)

UPDATE {table} AS t
SET is_current = (t.row_id = newest.row_id)
FROM newest
WHERE t.note_key = newest.note_key AND t.is_current <> (t.row_id = newest.row_id)
