-- Rules that versions of the orders looked at break.

SELECT DISTINCT
    d.interface,
    reason.name
FROM hotline.delivery AS d
CROSS JOIN unnest(d.reasons) AS reason (name)
WHERE
    d.interface = any(%(orders)s::text [])
    AND d.key = any(%(reginos)s::text [])
    AND d.state = 'quarantined'
