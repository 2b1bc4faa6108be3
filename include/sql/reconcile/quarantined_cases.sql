-- Cases in quarantine, given up by a person or not, whose order is not among the collected ones, from windows that reach into a
-- stretch: the platform counts them.

SELECT
    q.raw,
    q.window_begin,
    q.window_end
FROM hotline.quarantined_answer AS q
WHERE
    q.interface = %(case_interface)s
    AND q.state IN ('open', 'discarded')
    AND (
        q.window_begin IS NULL
        OR (
            q.window_begin < %(ends)s::timestamptz + interval '2 minutes'
            AND q.window_end > %(begins)s::timestamptz - interval '2 minutes'
        )
    )
    AND NOT EXISTS (
        SELECT FROM {case_table} AS t
        WHERE t.regino = q.key AND t.missing_since IS NULL
    )
