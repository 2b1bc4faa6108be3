-- Whether an order changed that is not published yet.

SELECT TRUE AS is_changed
WHERE EXISTS (SELECT FROM hotline.order_change)
