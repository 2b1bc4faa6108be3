-- Days of unsettled orders that were registered before the first window of their cases: no window says whether they are shown.

SELECT DISTINCT date_trunc('day', o.registime AT TIME ZONE 'Asia/Shanghai') AT TIME ZONE 'Asia/Shanghai' AS day
FROM hotline.delivery AS d
INNER JOIN {table} AS o ON d.row_id = o.row_id
WHERE
    d.interface = %(interface)s
    AND d.state IN ('waiting', 'rejected', 'held')
    AND d.discarded_at IS NULL
    AND o.registime < (
        SELECT min(w.begins) FROM hotline.collection_window AS w
        WHERE w.interface = %(case_interface)s
    )
