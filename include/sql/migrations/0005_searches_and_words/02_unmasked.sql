-- What somebody may see personal data for, and how much a reason says at least: the pages ask here, and the function holds it.

CREATE FUNCTION hotline.unmask_purpose() RETURNS TABLE (purpose text, name text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES
    ('contact', '联系当事人办理工单'),
    ('identity', '核实来电人身份'),
    ('inquiry', '答复当事人查询'),
    ('request', '配合公安、法院等机关'),
    ('inspection', '检查、审计、信访复核'),
    ('repair', '排查数据问题'),
    ('other', '其他')
$$;

COMMENT ON FUNCTION hotline.unmask_purpose IS '查看个人信息的用途';

-- By code points: which characters are letters depends on the locale of the database.
CREATE FUNCTION hotline.says_why(reason text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT count(DISTINCT letter.letter) >= 4
    FROM regexp_split_to_table(lower(reason), '') AS letter (letter)
    WHERE letter.letter !~ (
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u1680\u180e\u2000-\u2bff\u3000-\u303f'
        '\ufe00-\ufe6f\ufeff-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ufff0-\uffff]'
    )
$$;

COMMENT ON FUNCTION hotline.says_why IS '原因是否有至少四个不同的字、字母或数字';

DROP FUNCTION hotline.unmask_order(text, text, text);

CREATE FUNCTION hotline.unmask_order(of_order text, by_actor text, for_purpose text, for_reason text)
RETURNS TABLE (origin text, row_id bigint, known_at timestamptz, content jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text := (SELECT p.name FROM hotline.unmask_purpose() AS p WHERE p.purpose = for_purpose);
BEGIN
    IF hotline.is_blank(by_actor) OR named IS NULL OR NOT hotline.says_why(for_reason) THEN
        RAISE EXCEPTION 'personal data are shown to who says who they are, what for and why'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
    VALUES (by_actor, 'unmask', 'order', left(of_order, 200), 'masked', 'shown', named || '：' || for_reason);
    RETURN QUERY SELECT r.origin, r.row_id, r.known_at, r.content FROM hotline.order_records(of_order) AS r;
END
$$;

COMMENT ON FUNCTION hotline.unmask_order IS '一个工单的记录，未脱敏；谁、为何查看先记入 operator_action';
REVOKE ALL ON FUNCTION hotline.unmask_order, hotline.unmask_purpose, hotline.says_why FROM public;

-- 12345 reads who returned an order and why. What was decided before is left as it is.
ALTER TABLE hotline.order_audit ADD CONSTRAINT order_audit_says_who_and_why
CHECK (decision = 'pass' OR NOT (hotline.is_blank(office) OR hotline.is_blank(reason))) NOT VALID;
