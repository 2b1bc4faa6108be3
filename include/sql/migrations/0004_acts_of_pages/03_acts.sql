-- What people do on pages, and by command: each writes who and why in the same breath.

CREATE FUNCTION hotline.check_act(by_actor text, for_reason text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF hotline.is_blank(by_actor) OR hotline.is_blank(for_reason) THEN
        RAISE EXCEPTION 'who decides says who they are and why' USING ERRCODE = 'invalid_parameter_value';
    END IF;
END
$$;

COMMENT ON FUNCTION hotline.check_act IS '没有写明谁、为何的处置不执行';

-- One decision a version, recorded with who and why. What is returned is held for good; what is passed is judged again
-- by whoever may read it. A version that went out meanwhile is left alone.
CREATE FUNCTION hotline.decide_orders(
    of_versions bigint [], seen_returned bigint [], what text, by_office text, by_person text, for_reason text, by_actor text
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    states text [] := CASE what WHEN 'pass' THEN ARRAY['held'] ELSE ARRAY['held', 'waiting', 'rejected'] END;
BEGIN
    PERFORM hotline.check_act(by_actor, CASE what WHEN 'pass' THEN '-' ELSE for_reason END);
    PERFORM pg_advisory_xact_lock(hashtextextended('hotline.intake.' || named.interface, 0))
    FROM (
        SELECT DISTINCT d.interface FROM hotline.delivery AS d WHERE d.row_id = any(of_versions) ORDER BY d.interface
    ) AS named;
    RETURN QUERY
    WITH decided AS (
        SELECT
            d.row_id,
            d.interface,
            d.key,
            d.content_hash,
            d.state
        FROM hotline.delivery AS d
        WHERE
            d.row_id = any(of_versions)
            AND (
                d.state = any(states)
                -- A correction came since the operator looked: the order is returned all the same.
                OR (
                    what = 'return'
                    AND d.state = 'superseded'
                    AND EXISTS (
                        SELECT 1
                        FROM hotline.delivery AS newer
                        WHERE
                            newer.interface = d.interface
                            AND newer.key = d.key
                            AND newer.state = any(states)
                            AND newer.claimed_until IS NULL
                            AND NOT newer.outcome_unknown
                    )
                )
            )
            AND d.claimed_until IS NULL
            AND d.discarded_at IS NULL
            AND NOT d.outcome_unknown
            -- Somebody returned it since the operator looked: that is a decision, and stays until somebody who knows it passes it.
            AND (NOT d.is_returned OR d.row_id = any(seen_returned))
        FOR UPDATE
    ),

    held AS (
        UPDATE hotline.delivery AS d
        SET state = 'held', next_attempt_at = NULL, settled_at = NULL
        FROM decided
        WHERE
            (d.row_id = decided.row_id AND decided.state IN ('waiting', 'rejected'))
            -- That correction is held with it, undecided.
            OR (
                what = 'return'
                AND d.interface = decided.interface
                AND d.key = decided.key
                AND d.state IN ('waiting', 'rejected')
                AND d.claimed_until IS NULL
                AND NOT d.outcome_unknown
            )
    ),

    recorded AS (
        INSERT INTO hotline.order_audit (interface, regino, content_hash, decision, office, person, reason)
        SELECT decided.interface, decided.key, decided.content_hash, what, by_office, by_person, for_reason
        FROM decided
    )

    INSERT INTO hotline.operator_action AS act (
        actor, action, delivery_id, interface, key, state_before, state_after, reason
    )
    SELECT
        by_actor,
        'audit_' || what,
        decided.row_id,
        decided.interface,
        decided.key,
        decided.state,
        CASE
            WHEN what = 'pass' THEN 'waiting'
            WHEN decided.state = 'superseded' THEN decided.state
            ELSE 'held'
        END,
        for_reason
    FROM decided
    RETURNING act.delivery_id;
END
$$;

COMMENT ON FUNCTION hotline.decide_orders IS '审核：通过或退回，写入 order_audit 和 operator_action；返回所决定的版本';

-- What the next run is to judge again, and who asks for it; what waits for that already is asked for once.
CREATE FUNCTION hotline.ask_release(
    of_rows bigint [], what text, are_answers boolean, of_number text, for_reason text, by_actor text
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked bigint;
BEGIN
    PERFORM hotline.check_act(by_actor, CASE what WHEN 'audit_pass' THEN '-' ELSE for_reason END);
    WITH named AS (
        SELECT d.row_id AS delivery_id, NULL::bigint AS answer_id FROM hotline.delivery AS d
        WHERE
            NOT are_answers AND d.row_id = any(of_rows) AND d.discarded_at IS NULL
            AND d.state = CASE what WHEN 'audit_pass' THEN 'held' ELSE 'quarantined' END
        UNION ALL
        SELECT NULL, q.row_id FROM hotline.quarantined_answer AS q
        WHERE
            are_answers AND q.row_id = any(of_rows) AND q.state = 'open'
            AND (
                what <> 'assign'
                OR (
                    cardinality(of_rows) = 1
                    AND q.key = ''
                    AND (
                        EXISTS (SELECT FROM hotline.registered_order AS o WHERE o.regino = of_number)
                        OR EXISTS (SELECT FROM hotline.delivery AS known WHERE known.key = of_number)
                    )
                )
            )
    )

    INSERT INTO hotline.asked_release (actor, action, delivery_id, answer_id, number, reason)
    SELECT by_actor, what, named.delivery_id, named.answer_id, of_number, for_reason FROM named
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS asked = ROW_COUNT;
    RETURN asked;
END
$$;

COMMENT ON FUNCTION hotline.ask_release IS '申请放行：由下一次运行按今天的规则检查；返回申请了几件';

-- Fields of an order completed or taken back; the next run lays them over it and judges it again.
CREATE FUNCTION hotline.complete_order(
    of_interface text, of_order text, fields text [], new_values text [], withdrawn text [], seen_version bigint,
    seen_changes bigint, for_reason text, by_actor text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    newest record;
    unknown text;
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    PERFORM pg_advisory_xact_lock(hashtextextended('hotline.intake.' || of_interface, 0));
    SELECT d.row_id, d.state INTO newest FROM hotline.delivery AS d
    WHERE d.interface = of_interface AND d.key = of_order
    ORDER BY d.written_at DESC, d.row_id DESC LIMIT 1;
    IF newest.row_id IS DISTINCT FROM seen_version
        OR hotline.completions_seen(of_interface, of_order) IS DISTINCT FROM seen_changes
        OR NOT EXISTS (SELECT FROM hotline.order_source AS s WHERE s.interface = of_interface AND s.key = of_order)
    THEN
        RETURN FALSE;
    END IF;
    SELECT named.field INTO unknown FROM unnest(fields || withdrawn) AS named (field)
    WHERE NOT EXISTS (SELECT FROM hotline.field_class() AS f WHERE f.origin = of_interface AND f.name = named.field);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'no such field' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    UPDATE hotline.order_completion AS c
    -- What is ended is laid once more, too: the order goes back to what 12345 wrote.
    SET ended_at = now(), ended_by = by_actor, laid_at = NULL
    WHERE c.interface = of_interface AND c.regino = of_order AND c.field = any(fields || withdrawn) AND c.ended_at IS NULL;
    INSERT INTO hotline.order_completion (interface, regino, field, value, actor, reason)
    SELECT of_interface, of_order, added.field, added.value, by_actor, for_reason
    FROM unnest(fields, new_values) AS added (field, value);
    INSERT INTO hotline.operator_action (actor, action, delivery_id, interface, key, state_before, state_after, reason)
    VALUES (
        by_actor, CASE cardinality(fields) WHEN 0 THEN 'withdraw' ELSE 'complete' END, newest.row_id, of_interface, of_order,
        newest.state, 'asked', for_reason
    );
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION hotline.complete_order IS '补全或撤销补全：由下一次运行叠加并重新检查；打开后已有变化的返回假';

-- A mark, never a deletion: the version stays, and stays counted. What waited is held from now on; a newer version of the key
-- no longer waits for one that may have arrived, since somebody has decided.
CREATE FUNCTION hotline.discard_versions(of_versions bigint [], by_actor text, for_reason text) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    RETURN QUERY
    WITH chosen AS (
        SELECT
            d.row_id,
            d.state
        FROM hotline.delivery AS d
        WHERE
            d.row_id = any(of_versions)
            AND d.state IN ('quarantined', 'rejected', 'held', 'waiting')
            AND d.discarded_at IS NULL
            AND d.claimed_until IS NULL
        FOR UPDATE
    ),

    discarded AS (
        UPDATE hotline.delivery AS d
        SET
            state = CASE chosen.state WHEN 'waiting' THEN 'held' ELSE chosen.state END,
            discarded_at = now(),
            next_attempt_at = NULL,
            outcome_unknown = FALSE
        FROM chosen
        WHERE d.row_id = chosen.row_id
        RETURNING d.row_id, d.interface, d.key, chosen.state AS state_before, d.state
    )

    INSERT INTO hotline.operator_action AS act (
        actor, action, delivery_id, interface, key, state_before, state_after, reason
    )
    SELECT
        by_actor, 'discard', discarded.row_id, discarded.interface, discarded.key, discarded.state_before, discarded.state,
        for_reason
    FROM discarded
    RETURNING act.delivery_id;
END
$$;

COMMENT ON FUNCTION hotline.discard_versions IS '作废版本并写入 operator_action；返回所作废的';

-- Makes versions due now; the next delivery sends them, byte for byte as they are stored. A refused one is tried for another
-- week from its next refusal.
CREATE FUNCTION hotline.replay_versions(of_versions bigint [], by_actor text, for_reason text) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    RETURN QUERY
    WITH due AS (
        SELECT
            d.row_id,
            d.state
        FROM hotline.delivery AS d
        WHERE
            d.row_id = any(of_versions)
            AND d.state IN ('rejected', 'waiting', 'delivered')
            AND d.claimed_until IS NULL
            AND d.discarded_at IS NULL
            AND d.body IS NOT NULL
        FOR UPDATE
    ),

    made_due AS (
        UPDATE hotline.delivery AS d
        SET
            state = 'waiting',
            rounds = greatest(d.rounds, 1),
            next_attempt_at = now(),
            first_refused_at = NULL,
            settled_at = NULL,
            resend = CASE d.resend WHEN 'due' THEN 'lapsed' ELSE d.resend END
        FROM due
        WHERE d.row_id = due.row_id
        RETURNING d.row_id, d.interface, d.key, due.state AS state_before
    )

    INSERT INTO hotline.operator_action AS act (
        actor, action, delivery_id, interface, key, state_before, state_after, reason
    )
    SELECT
        by_actor, 'replay', made_due.row_id, made_due.interface, made_due.key, made_due.state_before, 'waiting', for_reason
    FROM made_due
    RETURNING act.delivery_id;
END
$$;

COMMENT ON FUNCTION hotline.replay_versions IS '重新上报版本并写入 operator_action；返回所涉及的';

-- One decision a row: it holds for the same row of the other interface that gives rows of this table, too (a query repeats what
-- a drain gave).
CREATE FUNCTION hotline.end_answers(
    of_rows bigint [], sharing text [], what text, new_state text, of_number text, by_actor text, for_reason text
) RETURNS SETOF bigint
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    RETURN QUERY
    WITH named AS (
        SELECT
            q.interface,
            q.key,
            q.content_hash
        FROM hotline.quarantined_answer AS q
        WHERE q.row_id = any(of_rows)
    ),

    chosen AS (
        SELECT
            q.row_id,
            q.state AS state_before
        FROM hotline.quarantined_answer AS q
        WHERE
            q.interface = any(sharing)
            AND q.state IN ('open', 'discarded')
            AND q.state <> new_state
            AND EXISTS (
                SELECT FROM named
                WHERE named.key = q.key AND named.content_hash = q.content_hash
            )
        ORDER BY q.row_id
        FOR UPDATE
    ),

    ended AS (
        UPDATE hotline.quarantined_answer AS q
        SET state = new_state
        FROM chosen
        WHERE q.row_id = chosen.row_id
        RETURNING q.row_id, q.interface, q.key, chosen.state_before
    ),

    recorded AS (
        INSERT INTO hotline.operator_action (actor, action, answer_id, interface, key, state_before, state_after, reason)
        SELECT
            by_actor,
            what,
            ended.row_id,
            ended.interface,
            coalesce(of_number, ended.key),
            ended.state_before,
            new_state,
            for_reason
        FROM ended
    )

    SELECT ended.row_id FROM ended
    WHERE ended.row_id = any(of_rows);
END
$$;

COMMENT ON FUNCTION hotline.end_answers IS '隔离的应答行：记下如何了结，写入 operator_action；返回所了结的';

CREATE FUNCTION hotline.discard_answers(of_rows bigint [], sharing text [], by_actor text, for_reason text) RETURNS SETOF bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT hotline.end_answers(of_rows, sharing, 'discard', 'discarded', NULL, by_actor, for_reason)
$$;

COMMENT ON FUNCTION hotline.discard_answers IS '作废隔离的应答行';

-- Makes the windows due that the queries of these rows' table have where the rows were found, or where their orders were
-- registered: the next collection asks them, and what the platform has mended comes in.
CREATE FUNCTION hotline.ask_answers_again(of_rows bigint [], queries text [], by_actor text, for_reason text)
RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    RETURN QUERY
    WITH named AS (
        SELECT
            q.row_id,
            q.interface,
            q.key,
            coalesce(q.window_begin, o.registime) AS begins,
            coalesce(q.window_end, o.registime + interval '1 second') AS ends
        FROM hotline.quarantined_answer AS q
        LEFT JOIN hotline.registered_order AS o ON q.key = o.regino
        WHERE q.row_id = any(of_rows) AND q.state = 'open'
    ),

    placed AS (
        SELECT
            named.row_id,
            w.row_id AS window_id
        FROM named
        INNER JOIN hotline.collection_window AS w ON named.begins < w.ends AND named.ends > w.begins
        WHERE w.interface = any(queries)
    ),

    asked AS (
        UPDATE hotline.collection_window AS w
        SET
            due_at = now(),
            retry_at = NULL,
            due_because = 'asked'
        WHERE w.row_id IN (SELECT placed.window_id FROM placed)
        RETURNING w.row_id
    )

    INSERT INTO hotline.operator_action AS act (
        actor, action, answer_id, interface, key, state_before, state_after, reason
    )
    SELECT by_actor, 'ask_again', named.row_id, named.interface, named.key, 'open', 'open', for_reason
    FROM named
    WHERE
        named.row_id IN (
            SELECT placed.row_id
            FROM placed INNER JOIN asked ON placed.window_id = asked.row_id
        )
    RETURNING act.answer_id;
END
$$;

COMMENT ON FUNCTION hotline.ask_answers_again IS '重新收集隔离的应答行所在的时段，并写入 operator_action';

-- The repair of a day that was judged and that nobody asked for yet; its state is that of the worst kind.
CREATE FUNCTION hotline.ask_repair(of_day date, worst_first text [], by_actor text, for_reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    PERFORM pg_advisory_xact_lock(hashtextextended('hotline.repair', 0));
    INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
    SELECT
        by_actor,
        'repair',
        'numcaseinfo',
        of_day::text,
        (
            SELECT s.state FROM hotline.reconciliation_state AS s
            WHERE s.day = of_day ORDER BY array_position(worst_first, s.state) LIMIT 1
        ),
        'asked',
        for_reason
    WHERE
        EXISTS (SELECT FROM hotline.reconciliation_state AS known WHERE known.day = of_day)
        AND coalesce(
            (
                SELECT a.state_after FROM hotline.operator_action AS a
                WHERE a.action = 'repair' AND a.key = of_day::text ORDER BY a.row_id DESC LIMIT 1
            ), ''
        ) <> 'asked';
    RETURN FOUND;
END
$$;

COMMENT ON FUNCTION hotline.ask_repair IS '申请修复一天的差异；已申请或没有核对过的返回假';

-- A list that waits for somebody to confirm it, in the place of what waits of this list since a day, or by the same hand.
CREATE FUNCTION hotline.keep_codes(
    of_category text, by_actor text, of_file text, of_source text, of_source_date date, from_day date, with_days boolean,
    of_codes jsonb, with_remarks text []
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept bigint;
BEGIN
    PERFORM hotline.check_act(by_actor, '-');
    DELETE FROM hotline.code_delivery AS d
    WHERE
        d.category = of_category
        AND d.state = 'uploaded'
        AND (d.actor = by_actor OR d.uploaded_at < now() - interval '1 day');
    INSERT INTO hotline.code_delivery AS d (
        category, actor, file_name, source, source_date, holds_from, has_days, codes, remarks
    )
    VALUES (of_category, by_actor, of_file, of_source, of_source_date, from_day, with_days, of_codes, with_remarks)
    RETURNING d.row_id INTO kept;
    RETURN kept;
END
$$;

COMMENT ON FUNCTION hotline.keep_codes IS '保存一份待确认的代码表';

-- Versions in the place of those of one list: of a delivery that somebody confirmed, or of its file, where that is taken back.
CREATE FUNCTION hotline.replace_codes(
    of_category text, of_delivery bigint, of_versions jsonb, by_actor text, for_reason text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    was_in_use boolean;
BEGIN
    PERFORM hotline.check_act(by_actor, for_reason);
    PERFORM pg_advisory_xact_lock(hashtextextended('hotline.standard_data', 0));
    UPDATE hotline.code_delivery AS d
    SET state = CASE WHEN of_delivery IS NULL THEN 'withdrawn' ELSE 'replaced' END, decided_at = now()
    WHERE d.category = of_category AND d.state = 'in_use';
    was_in_use := FOUND;
    IF of_delivery IS NULL AND NOT was_in_use THEN
        RETURN FALSE;
    END IF;
    IF of_delivery IS NOT NULL THEN
        UPDATE hotline.code_delivery AS d
        SET state = 'in_use', decided_at = now()
        WHERE d.row_id = of_delivery AND d.category = of_category AND d.state = 'uploaded';
        IF NOT FOUND THEN
            RAISE EXCEPTION 'no such delivery' USING ERRCODE = 'invalid_parameter_value';
        END IF;
    END IF;
    DELETE FROM hotline.standard_data AS s WHERE s.category = of_category;
    INSERT INTO hotline.standard_data (category, category_zh, code, name, valid_from, valid_to, source, source_date)
    SELECT of_category, v.category_zh, v.code, v.name, v.valid_from, v.valid_to, v.source, v.source_date
    FROM jsonb_to_recordset(of_versions) AS v (
        category_zh text, code text, name text, valid_from date, valid_to date, source text, source_date date
    );
    INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
    VALUES (
        by_actor, CASE WHEN of_delivery IS NULL THEN 'withdraw_codes' ELSE 'deliver_codes' END, 'standard_data', of_category,
        CASE WHEN was_in_use THEN 'in_use' ELSE 'file' END, CASE WHEN of_delivery IS NULL THEN 'file' ELSE 'in_use' END,
        for_reason
    );
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION hotline.replace_codes IS '启用一份已确认的代码表，或撤销而改用文件中的；写入 operator_action';

-- Orders of a number, and who asked for them.
CREATE FUNCTION hotline.find_by_phone(of_phone text, most integer, by_actor text) RETURNS TABLE (regino text, kind text)
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

COMMENT ON FUNCTION hotline.find_by_phone IS '一个电话号码的工单；谁查的先记入 person_search';

-- Orders of a name: those whose masked name could be it, by index, the newest so many, and of them those that have it, as 12345
-- or the platform writes it.
CREATE FUNCTION hotline.find_by_name(
    of_name text, since timestamptz, until timestamptz, looked_at integer, most integer, by_actor text
) RETURNS TABLE (regino text, kind text, is_cut boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    plain text := regexp_replace(normalize(of_name, nfkc), '\s', '', 'g');
    met integer;
BEGIN
    PERFORM hotline.check_act(by_actor, '-');
    RETURN QUERY
    WITH likely AS MATERIALIZED (
        SELECT o.regino, o.kind, o.registered_at FROM hotline.order_fact AS o
        WHERE
            o.person_name_masked = hotline.mask_name(of_name)
            AND o.registered_at >= since AND o.registered_at < until
        ORDER BY o.registered_at DESC, o.regino DESC
        LIMIT least(looked_at, 20000)
    ),

    named AS (
        SELECT l.regino, l.kind, l.registered_at FROM likely AS l
        WHERE EXISTS (
            SELECT FROM (
                SELECT t.proname FROM hotline.complaint_order AS t WHERE l.kind = 'complaint' AND t.regino = l.regino
                UNION ALL
                SELECT t.proname FROM hotline.report_order AS t WHERE l.kind = 'report' AND t.regino = l.regino
                UNION ALL
                SELECT t.proname FROM hotline.consultation_order AS t WHERE l.kind = 'consultation' AND t.regino = l.regino
                UNION ALL
                SELECT t.proname FROM hotline.complaint_case AS t WHERE l.kind = 'complaint' AND t.regino = l.regino
                UNION ALL
                SELECT t.proname FROM hotline.report_case AS t WHERE l.kind = 'report' AND t.regino = l.regino
                UNION ALL
                SELECT t.proname FROM hotline.consultation_case AS t WHERE l.kind = 'consultation' AND t.regino = l.regino
            ) AS said
            WHERE regexp_replace(normalize(said.proname, nfkc), '\s', '', 'g') = plain
        )
        ORDER BY l.registered_at DESC, l.regino DESC
        LIMIT least(most, 50)
    )

    SELECT n.regino, n.kind, FALSE FROM named AS n;
    GET DIAGNOSTICS met = ROW_COUNT;
    INSERT INTO hotline.person_search (actor, searched_by, person_hash, found)
    VALUES (by_actor, 'name', hotline.keyed_hash(plain), met);
    RETURN QUERY
    SELECT NULL, NULL, TRUE
    WHERE looked_at <= (
        SELECT count(*) FROM (
            SELECT FROM hotline.order_fact AS o
            WHERE
                o.person_name_masked = hotline.mask_name(of_name)
                AND o.registered_at >= since AND o.registered_at < until
            LIMIT looked_at
        ) AS likely
    );
END
$$;

COMMENT ON FUNCTION hotline.find_by_name IS '一个姓名的工单，只看最近的若干件；谁查的先记入 person_search';

-- Only whom migrate grants them: the pages, and the account of the DAGs, which has the tables themselves.
REVOKE ALL ON FUNCTION
hotline.told_order, hotline.shown_source, hotline.shown_content, hotline.shown_answer, hotline.is_content_kept, hotline.shown_contents, hotline.shown_records,
hotline.shown_completions, hotline.completions_seen, hotline.decide_orders, hotline.ask_release, hotline.complete_order,
hotline.discard_versions, hotline.replay_versions, hotline.end_answers, hotline.discard_answers, hotline.ask_answers_again,
hotline.ask_repair, hotline.keep_codes, hotline.replace_codes, hotline.find_by_phone, hotline.find_by_name
FROM public;
