-- What keeps personal data in typed tables as they should be: each trigger with the text of its function and what it is given, and
-- how to make both again.

SELECT
    c.relname,
    t.tgname,
    p.prosrc,
    t.tgargs,
    pg_get_functiondef(p.oid),
    pg_get_triggerdef(t.oid)
FROM pg_trigger AS t
INNER JOIN pg_class AS c ON t.tgrelid = c.oid
INNER JOIN pg_proc AS p ON t.tgfoid = p.oid
WHERE
    c.relnamespace = to_regnamespace('hotline')
    AND t.tgname = any(%(triggers)s::text []) -- noqa: RF02
    AND t.tgenabled <> 'D';
