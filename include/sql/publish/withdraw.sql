-- Of rows that should not be there and that somebody else filled in, what the bridge wrote.

UPDATE {held}
SET ({own}, updated_at) = (
    SELECT
        {nothing},
        now()
)
FROM surplus AS d
WHERE {same_key} AND NOT {withdrawn}
