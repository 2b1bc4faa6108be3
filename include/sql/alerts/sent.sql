-- This notifier took these alerts.

WITH taken AS (
    UPDATE hotline.alert_told AS t
    SET sent_at = now()
    WHERE t.notifier = %(notifier)s::text AND t.alert = any(%(row_ids)s::bigint [])
    RETURNING t.alert
)

UPDATE hotline.alert AS a
SET sent_at = now()
FROM taken
WHERE a.row_id = taken.alert AND a.sent_at IS null
