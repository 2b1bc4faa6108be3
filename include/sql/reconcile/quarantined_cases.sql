-- Cases in quarantine whose order is not among the collected ones.

SELECT
    q.raw,
    q.window_begin,
    q.window_end
FROM hotline.quarantined_answer AS q
WHERE
    q.interface = %(case_interface)s
    AND q.state = 'open'
    AND NOT EXISTS (
        SELECT FROM {case_table} AS t
        WHERE t.regino = q.key AND t.missing_since IS NULL
    )
