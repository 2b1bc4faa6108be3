-- Orders of the batch that anything lies or ever lay over: their newest version is timed by our own clock, so that a content
-- of 12345 that was written before it and read after it would be taken for old.

SELECT DISTINCT v.key
FROM version AS v
WHERE
    v.key <> ''
    AND (
        EXISTS (
            SELECT 1 FROM hotline.order_completion AS c
            WHERE c.interface = %(interface)s AND c.regino = v.key
        )
        OR EXISTS (
            SELECT 1 FROM hotline.order_supplement AS s
            WHERE s.regino = v.key
        )
    )
