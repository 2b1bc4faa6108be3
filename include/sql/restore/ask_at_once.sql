-- What failed before is asked again now, without waiting for its time.

UPDATE hotline.collection_window
SET retry_at = NULL
WHERE interface = any(%(interfaces)s::text []) AND retry_at IS NOT NULL
