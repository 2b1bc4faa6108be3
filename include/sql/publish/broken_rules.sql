-- Rules that versions of the orders looked at break.

SELECT DISTINCT
    d.interface,
    reason.name
FROM hotline.delivery AS d
INNER JOIN changed ON d.key = changed.regino
CROSS JOIN unnest(d.reasons) AS reason (name)
WHERE d.interface = any(cast(%(orders)s AS text [])) AND d.state = 'quarantined'
