-- Rows of one docking table, as the bodies they will be sent as. row_to_json writes the fields in the order of the
-- contract, without blanks; NULL and '' are one content, as in the printed examples.

COPY (
    SELECT
        {place}::text,
        d.written_at,
        d.collected_at,
        row_to_json(whole)::text
    FROM {table} AS d
    CROSS JOIN LATERAL (SELECT {content}) AS whole
    WHERE {only}
    ORDER BY d.written_at NULLS FIRST, {place}
) TO STDOUT
