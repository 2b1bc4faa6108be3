-- The newest run of each DAG, and the newest rows of each subject, stay: they say since when nothing comes.

DELETE FROM hotline.run_log
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.run_log AS old
        WHERE
            old.finished_at < now() - %(keep)s::interval
            AND EXISTS (
                SELECT FROM hotline.run_log AS newer
                WHERE newer.dag = old.dag AND newer.finished_at > old.finished_at
            )
            AND (
                old.taken_in = 0
                OR EXISTS (
                    SELECT FROM hotline.run_log AS newer
                    WHERE
                        newer.subject = old.subject
                        AND newer.taken_in > 0
                        AND newer.finished_at > old.finished_at
                )
            )
        ORDER BY old.finished_at
        LIMIT %(batch)s
    ))
