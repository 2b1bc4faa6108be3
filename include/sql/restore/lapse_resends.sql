-- A reconciliation wanted these to be sent once more: the platform shows them now.

UPDATE hotline.delivery AS d
SET resend = 'lapsed'
WHERE
    d.interface = %(interface)s
    AND d.resend = 'due'
    AND EXISTS (
        SELECT FROM {case_table} AS c
        WHERE c.{key_column} = d.key AND c.missing_since IS NULL
    )
