-- What was sent and what the platform shows of it, of the orders delivered last: fields that it gives back otherwise say nothing.

SELECT
    row_to_json(o) AS sent,
    row_to_json(c) AS shown
FROM (
    SELECT d.row_id FROM hotline.delivery AS d
    WHERE d.interface = %(interface)s AND d.state = 'delivered' AND d.settled_at IS NOT NULL
    ORDER BY d.settled_at DESC
    LIMIT 500
) AS newest
INNER JOIN {table} AS o ON newest.row_id = o.row_id
INNER JOIN {case_table} AS c ON o.{key_column} = c.{case_key_column}
