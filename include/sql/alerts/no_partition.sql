-- Rows for whose month there is no partition: months are made ahead every night, so none was for long, or a clock is wrong.

SELECT
    'interaction_log' AS subject,
    min(l.started_at) AS since,
    count(*) AS count
FROM hotline.interaction_log_default AS l
HAVING count(*) > 0
