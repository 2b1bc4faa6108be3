-- What writes the keys of a person: of each table that has it, the text of the trigger's function.

SELECT
    c.relname,
    p.prosrc
FROM pg_trigger AS t
INNER JOIN pg_class AS c ON t.tgrelid = c.oid
INNER JOIN pg_proc AS p ON t.tgfoid = p.oid
WHERE c.relnamespace = to_regnamespace('hotline') AND t.tgname = %(trigger)s AND t.tgenabled <> 'D' -- noqa: RF02
