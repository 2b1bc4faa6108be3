-- What waits for the audit is read from an index, oldest first, however many orders were returned and are held for good.

ALTER TABLE hotline.delivery ADD COLUMN is_returned boolean NOT NULL DEFAULT FALSE;
COMMENT ON COLUMN hotline.delivery.is_returned IS '最近一次审核的决定是退回：不上报，不再等待审核';

UPDATE hotline.delivery AS d
SET is_returned = TRUE
FROM (
    SELECT DISTINCT ON (a.interface, a.regino, a.content_hash)
        a.interface,
        a.regino,
        a.content_hash,
        a.decision
    FROM hotline.order_audit AS a
    ORDER BY a.interface ASC, a.regino ASC, a.content_hash ASC, a.row_id DESC
) AS newest
WHERE
    d.interface = newest.interface
    AND d.key = newest.regino
    AND d.content_hash = newest.content_hash
    AND newest.decision = 'return';

CREATE FUNCTION hotline.note_decision() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hotline.delivery AS d
    SET is_returned = new.decision = 'return'
    WHERE
        d.interface = new.interface AND d.key = new.regino AND d.content_hash = new.content_hash
        AND d.is_returned <> (new.decision = 'return');
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION hotline.note_decision IS '触发器：把审核的决定记到所审的版本';

CREATE TRIGGER note_decision AFTER INSERT ON hotline.order_audit
FOR EACH ROW EXECUTE FUNCTION hotline.note_decision();

CREATE INDEX delivery_audited ON hotline.delivery (row_id)
WHERE state = 'held' AND discarded_at IS NULL AND NOT is_returned;
