-- Good rows of the answer in hand; empty again after each transaction.

CREATE TEMPORARY TABLE IF NOT EXISTS {answer} ON COMMIT DELETE ROWS AS
SELECT
    {names},
    t.content_hash,
    t.flags,
    ''::text AS key,
    FALSE AS partial
FROM {table} AS t
WHERE FALSE
