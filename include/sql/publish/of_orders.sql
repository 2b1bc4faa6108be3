-- What a query finds of the orders looked at, as JSON. `changed` are these orders, `finished` those on which feedback came.

WITH changed AS (
    SELECT o.regino FROM unnest(%(reginos)s::text []) AS o (regino)
),

finished AS (
    {finished}
)

SELECT coalesce(json_agg(wanted), '[]')::text AS found
FROM ({query}) AS wanted
