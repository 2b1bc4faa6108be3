-- What the pages need beside what analysts read: the acts of people, one order as it is, and what waits for the audit.

ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept', 'restore', 'erase', 'rotate', 'unmask', 'repair', 'ask_again', 'deliver_codes', 'withdraw_codes'
    )
);
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定, '
'erase 删除个人信息, rotate 更换散列密钥, unmask 查看个人信息, repair 要求对账补报, ask_again 重新取回隔离的应答, deliver_codes、withdraw_codes 导入、撤销代码表';

-- What is known of one order, for the page that shows it: masked as analysts see it, or as it is to who says why.

-- A value by its class (docs/personal-data.md); null is no class. Of texts, numbers and links only the length is left.
CREATE FUNCTION hotline.masked(class text, value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE class
    WHEN 'name' THEN hotline.mask_name(value)
    WHEN 'phone' THEN hotline.mask_phone(value)
    WHEN 'address' THEN hotline.mask_address(value)
    ELSE CASE WHEN class IS NULL THEN value WHEN NOT hotline.is_blank(value) THEN '***（' || length(value) || ' 字）' END
END;

COMMENT ON FUNCTION hotline.masked IS '按个人信息类别脱敏：姓名、电话、地址同分析视图，文本、证件号码、链接只留长度；没有类别的原样';

-- Each record of one order that stands in a typed table, as JSON; in the place of a content of 12345 that broke rules, the content.
CREATE FUNCTION hotline.order_records(of_order text)
RETURNS TABLE (origin text, row_id bigint, known_at timestamptz, content jsonb)
LANGUAGE sql STABLE AS $$
    SELECT 'case_feedback', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.case_feedback AS t WHERE t.region = of_order
    UNION ALL
    SELECT 'complaint_order', t.row_id, t.written_at, to_jsonb(t)
    FROM hotline.complaint_order AS t WHERE t.regino = of_order
    UNION ALL
    SELECT 'report_order', t.row_id, t.written_at, to_jsonb(t)
    FROM hotline.report_order AS t WHERE t.regino = of_order
    UNION ALL
    SELECT 'consultation_order', t.row_id, t.written_at, to_jsonb(t)
    FROM hotline.consultation_order AS t WHERE t.regino = of_order
    UNION ALL
    SELECT 'complaint_case', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.complaint_case AS t WHERE t.regino = of_order
    UNION ALL
    SELECT 'report_case', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.report_case AS t WHERE t.regino = of_order
    UNION ALL
    SELECT 'consultation_case', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.consultation_case AS t WHERE t.regino = of_order
    UNION ALL
    SELECT 'returned_case', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.returned_case AS t WHERE t.odrno = of_order
    UNION ALL
    SELECT 'case_routing', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.case_routing AS t WHERE t.bh = of_order
    UNION ALL
    SELECT 'complaint_handling', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.complaint_handling AS t WHERE t.bh = of_order
    UNION ALL
    SELECT 'report_handling', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.report_handling AS t WHERE t.bh = of_order
    UNION ALL
    SELECT 'case_extension', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.case_extension AS t WHERE t.orderid = of_order
    UNION ALL
    SELECT 'case_urge', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.case_urge AS t WHERE t.id = of_order
    UNION ALL
    SELECT 'complaint_feedback', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.complaint_feedback AS t WHERE t.odrno = of_order
    UNION ALL
    SELECT 'report_feedback', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.report_feedback AS t WHERE t.odrno = of_order
    UNION ALL
    SELECT 'consultation_feedback', t.row_id, t.loaded_at, to_jsonb(t)
    FROM hotline.consultation_feedback AS t WHERE t.odrno = of_order
    UNION ALL
    SELECT 'order_supplement', t.row_id, t.written_at, to_jsonb(t)
    FROM hotline.order_supplement AS t WHERE t.regino = of_order AND t.is_current
    UNION ALL
    SELECT 'order_urge', t.row_id, t.written_at, to_jsonb(t)
    FROM hotline.order_urge AS t WHERE t.regino = of_order AND t.is_current
    UNION ALL
    (
        SELECT d.interface, d.row_id, d.written_at, convert_from(d.body, 'UTF8')::jsonb
        FROM hotline.delivery AS d
        WHERE d.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
            AND d.key = of_order AND d.state = 'quarantined' AND d.body IS NOT NULL
        ORDER BY d.written_at DESC, d.row_id DESC
        LIMIT 1
    )
$$;

COMMENT ON FUNCTION hotline.order_records IS '一个工单在各表中的记录，一行一个，内容为 JSON，未脱敏';

-- How pages show one order unmasked: the act stands in operator_action before anything is given.
CREATE FUNCTION hotline.unmask_order(of_order text, by_actor text, for_reason text)
RETURNS TABLE (origin text, row_id bigint, known_at timestamptz, content jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF hotline.is_blank(by_actor) OR hotline.is_blank(for_reason) THEN
        RAISE EXCEPTION 'personal data are shown to who says who they are and why' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
    VALUES (by_actor, 'unmask', 'order', left(of_order, 200), 'masked', 'shown', for_reason);
    RETURN QUERY SELECT r.origin, r.row_id, r.known_at, r.content FROM hotline.order_records(of_order) AS r;
END
$$;

COMMENT ON FUNCTION hotline.unmask_order IS '一个工单的记录，未脱敏；谁、为何查看先记入 operator_action';
REVOKE ALL ON FUNCTION hotline.unmask_order FROM public;

-- The content of a version whose body is kept no longer, as it stands in the typed table or in its history.
CREATE FUNCTION hotline.kept_content(of_order text, of_hash bytea) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT to_jsonb(t) FROM hotline.complaint_order AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.report_order AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.consultation_order AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.complaint_order_history AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.report_order_history AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    UNION ALL
    SELECT to_jsonb(t) FROM hotline.consultation_order_history AS t WHERE t.regino = of_order AND t.content_hash = of_hash
    LIMIT 1
$$;

COMMENT ON FUNCTION hotline.kept_content IS '一个工单某一内容在类型表或其历史中的行，未脱敏；没有时为空';

CREATE INDEX complaint_order_history_regino ON hotline.complaint_order_history (regino);
CREATE INDEX report_order_history_regino ON hotline.report_order_history (regino);
CREATE INDEX consultation_order_history_regino ON hotline.consultation_order_history (regino);

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
