-- name: keep
SELECT hotline.keep_codes(
    %(category)s, %(actor)s, %(file_name)s, %(said_by)s, %(source_date)s, %(holds_from)s, %(has_days)s, %(codes)s, %(remarks)s
);

-- name: in_use
-- The lists that stand in the place of their files, and who uploaded them.

SELECT
    d.category,
    d.actor
FROM hotline.code_delivery AS d
WHERE d.state = 'in_use';

-- name: find

SELECT
    d.row_id,
    d.category,
    d.uploaded_at,
    d.actor,
    d.file_name,
    d.source,
    d.source_date,
    d.holds_from,
    d.state,
    d.has_days,
    d.codes,
    d.remarks
FROM hotline.code_delivery AS d
WHERE d.row_id = %(row_id)s;

-- name: replace
SELECT hotline.replace_codes(%(category)s, %(row_id)s, %(versions)s, %(actor)s, %(reason)s);
