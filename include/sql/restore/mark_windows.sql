-- Every window is asked again: what was collected after the backup is known to nobody here.

UPDATE hotline.collection_window
SET due_at = %(now)s, retry_at = NULL, due_because = 'asked'
WHERE interface = any(%(interfaces)s::text [])
