-- Windows of a stretch that no whole answer has filled since a moment.

SELECT count(*) AS windows
FROM hotline.collection_window AS w
WHERE
    w.interface = %(interface)s
    AND w.ends > %(begins)s
    AND w.begins < %(ends)s
    AND (w.state <> 'settled' OR w.visited_at IS NULL OR w.visited_at < %(since)s)
