DROP VIEW hotline.shown_exchange;
ALTER TABLE hotline.order_audit DROP CONSTRAINT order_audit_says_who_and_why;
DROP FUNCTION hotline.unmask_order, hotline.unmask_purpose, hotline.says_why;

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

CREATE OR REPLACE FUNCTION hotline.find_by_phone(of_phone text, most integer, by_actor text)
RETURNS TABLE (regino text, kind text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_person text := hotline.person_key(of_phone);
    met integer;
BEGIN
    PERFORM hotline.check_act(by_actor, '-');
    RETURN QUERY
    SELECT o.regino, o.kind FROM hotline.order_fact AS o
    WHERE o.person_key = of_person
    ORDER BY o.registered_at DESC, o.regino DESC LIMIT least(most, 50);
    GET DIAGNOSTICS met = ROW_COUNT;
    INSERT INTO hotline.person_search (actor, searched_by, person_hash, found) VALUES (by_actor, 'phone', of_person, met);
END
$$;

DROP VIEW analytics.person_search;
DELETE FROM hotline.person_rotation
WHERE table_name = 'person_search';
DROP FUNCTION hotline.hash_searches_again;
ALTER TABLE hotline.person_search DROP COLUMN key_version, DROP COLUMN is_comparable;
DROP FUNCTION hotline.person_key_version;
COMMENT ON COLUMN hotline.person_search.person_hash IS '所查电话或姓名的散列键；不是号码的为空；更换密钥后与新的记录不可比';
