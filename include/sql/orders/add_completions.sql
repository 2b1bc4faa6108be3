-- Laid at once, in this transaction.

INSERT INTO hotline.order_completion (interface, regino, field, value, actor, reason, laid_at)
SELECT
    %(interface)s,
    %(regino)s,
    added.field,
    added.value,
    %(actor)s,
    %(reason)s,
    now()
FROM unnest(%(fields)s::text [], %(values)s::text []) AS added (field, value)
