-- A person's data are erased by `hotline erase`, and stay so when a record comes again (docs/personal-data.md). The rows remain, so
-- that nothing that is counted changes; what told the person is gone from them.

CREATE TABLE hotline.erased_record (
    kind text NOT NULL CHECK (kind IN ('order', 'call')),
    key text NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    person_key text,
    identity_key text,
    seen_again_at timestamptz,
    PRIMARY KEY (kind, key)
);

COMMENT ON TABLE hotline.erased_record IS '个人信息已删除的记录；再次取得时同样删除';
COMMENT ON COLUMN hotline.erased_record.kind IS 'order 工单, call 话务';
COMMENT ON COLUMN hotline.erased_record.key IS '工单编号或呼叫流水号';
COMMENT ON COLUMN hotline.erased_record.erased_at IS '删除的时间';
COMMENT ON COLUMN hotline.erased_record.person_key IS '代替电话散列键的随机值，同一人相同，使统计不变';
COMMENT ON COLUMN hotline.erased_record.identity_key IS '代替证件号码散列键的随机值';
COMMENT ON COLUMN hotline.erased_record.seen_again_at IS '最近一次又取得其新内容、再次删除的时间；空值为没有';

-- That a value was there stays visible: what is complete, answered or given is counted.
CREATE FUNCTION hotline.erased_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN hotline.is_blank(value) THEN value ELSE '已删除' END;

-- By links records find each other: of a call and its order both become the same.
CREATE FUNCTION hotline.erased_link(value text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN hotline.is_blank(value) OR value LIKE '已删除:%' THEN value ELSE '已删除:' || left(hotline.keyed_hash(value), 32)
END;

-- A request body with these members empty.
CREATE FUNCTION hotline.erased_body(body bytea, members text []) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT
        convert_to(
            json_object_agg(
                member.key, CASE WHEN member.key = any(erased_body.members) THEN to_json(''::text) ELSE member.value END -- noqa: RF01
            )::text, 'UTF8'
        )
    FROM json_each(convert_from(erased_body.body, 'UTF8')::json) AS member -- noqa: RF01
);

-- Erases the rows of some records in one table. Keys of persons become others: by the salt, so that rows of one person still share
-- one; without a salt, those that the record got when it was erased.
CREATE FUNCTION hotline.erase_rows(
    table_name text, kind text, key_column text, texts text [], links text [], person_keys text [], keys text [], salt text
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    changes text [] := '{}';
    name text;
    erased bigint;
BEGIN
    FOREACH name IN ARRAY texts LOOP
        changes := changes || format('%1$I = hotline.erased_text(t.%1$I)', name);
    END LOOP;
    FOREACH name IN ARRAY links LOOP
        changes := changes || format('%1$I = hotline.erased_link(t.%1$I)', name);
    END LOOP;
    FOREACH name IN ARRAY person_keys LOOP
        changes := changes || format(
            '%1$I = CASE WHEN t.%1$I IS NULL THEN NULL WHEN $3 IS NULL THEN e.%1$I'
            ' ELSE encode(sha256(convert_to($3 || t.%1$I, ''UTF8'')), ''hex'') END', name
        );
    END LOOP;
    EXECUTE format(
        'UPDATE hotline.%I AS t SET %s FROM hotline.erased_record AS e'
        ' WHERE e.kind = $1 AND e.key = any($2) AND t.%I = e.key', table_name, array_to_string(changes, ', '), key_column
    ) USING kind, keys, salt;
    GET DIAGNOSTICS erased = ROW_COUNT;
    RETURN erased;
END
$$;

-- A record that comes again with a new content is erased again, in the transaction of whoever stores it, who need not read what is
-- erased: these run with their owner's rights.
CREATE FUNCTION hotline.keep_erased() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    again text [];
BEGIN
    IF EXISTS (SELECT FROM hotline.erased_record) THEN
        EXECUTE format(
            'SELECT array_agg(DISTINCT e.key) FROM added AS a'
            ' INNER JOIN hotline.erased_record AS e ON e.kind = $1 AND e.key = a.%I', tg_argv[1]
        ) INTO again USING tg_argv[0];
        IF again IS NOT NULL THEN
            PERFORM hotline.erase_rows(
                tg_table_name, tg_argv[0], tg_argv[1], tg_argv[2]::text [], tg_argv[3]::text [], tg_argv[4]::text [],
                again, NULL
            );
            UPDATE hotline.erased_record AS e SET seen_again_at = now() WHERE e.kind = tg_argv[0] AND e.key = any(again);
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- Rows of answers that broke a rule are kept as bytes: of an erased order without them, and given up.
CREATE FUNCTION hotline.keep_erased_answers() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE hotline.quarantined_answer AS q SET raw = '{}', state = 'discarded'
    FROM added AS a INNER JOIN hotline.erased_record AS e ON e.kind = 'order' AND e.key = a.key
    WHERE q.row_id = a.row_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.quarantined_answer
REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased_answers();

CREATE FUNCTION hotline.keep_erased_source() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM hotline.erased_record AS e WHERE e.kind = 'order' AND e.key = new.key) THEN
        new.body := hotline.erased_body(new.body, tg_argv::text []);
    END IF;
    RETURN new;
END
$$;

CREATE TRIGGER keep_erased BEFORE INSERT OR UPDATE ON hotline.order_source
FOR EACH ROW EXECUTE FUNCTION hotline.keep_erased_source(
    'complacontent', 'applcontent', 'replycontent', 'telnumber', 'recordname', 'proname', 'proaddr', 'protel', 'procerno',
    'proemail', 'othercontact'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.call_log REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'call',
    'callid',
    '{callno}',
    '{}',
    '{person_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.recording_log REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'call',
    'callid',
    '{}',
    '{recordname,recordpath}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.case_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'region',
    '{feedbackcontent}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.complaint_order REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'regino',
    '{complacontent,applcontent,telnumber,proname,proaddr,protel,procerno,othercontact}',
    '{recordname,proemail}',
    '{person_key,identity_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.report_order REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'regino',
    '{complacontent,telnumber,proname,proaddr,protel,procerno,othercontact}',
    '{recordname,proemail}',
    '{person_key,identity_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.consultation_order REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'regino',
    '{complacontent,telnumber,proname,proaddr,protel,procerno,othercontact,replycontent}',
    '{recordname,proemail}',
    '{person_key,identity_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.complaint_case REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'regino',
    '{proname,proaddr,protel,procerno,complacontent,applcontent}',
    '{}',
    '{person_key,identity_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.report_case REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'regino',
    '{proname,proaddr,protel,procerno,complacontent}',
    '{}',
    '{person_key,identity_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.consultation_case REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'regino',
    '{proname,proaddr,protel,procerno,complacontent,replycontent}',
    '{}',
    '{person_key,identity_key}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.returned_case REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'odrno',
    '{dealresult}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.complaint_handling REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'bh',
    '{remark}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.report_handling REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'bh',
    '{remark}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.case_extension REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'orderid',
    '{reason,suggestion}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.case_urge REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'id',
    '{cbmemo}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.complaint_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'odrno',
    '{dealresult}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.report_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'odrno',
    '{investresult,dealresult}',
    '{}',
    '{}'
);

CREATE TRIGGER keep_erased AFTER INSERT ON hotline.consultation_feedback REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION hotline.keep_erased(
    'order',
    'odrno',
    '{dealresult}',
    '{}',
    '{}'
);
