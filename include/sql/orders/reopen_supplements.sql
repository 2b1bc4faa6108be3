-- An order that a supplement came to, changed on, or went away from is to be composed anew.

UPDATE {table} AS t
SET laid_at = NULL
WHERE t.note_key IN (SELECT hotline.note_key(b.body, {key}) FROM batch AS b)
