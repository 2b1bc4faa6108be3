DELETE FROM hotline.person_search
WHERE
    row_id = any(array(
        SELECT old.row_id
        FROM hotline.person_search AS old
        WHERE old.searched_at < now() - %(keep)s::interval
        ORDER BY old.searched_at
        LIMIT %(batch)s
    ))
