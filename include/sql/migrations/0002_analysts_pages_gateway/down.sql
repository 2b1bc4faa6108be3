-- Takes the schema back to that of release 0.1.0. What stands in its tables stays; keys of persons are lost, and are made anew by the
-- next way up.

DROP VIEW
analytics.freshness, analytics.unit, analytics.indicator_month, analytics.indicator, analytics.company_month, analytics.order_day,
analytics.satisfaction_day, analytics.call_hour, analytics.reconciliation_day, analytics.feedback, analytics.urge, analytics.extension,
analytics.handling_step, analytics.work_order, analytics.seat_hour, analytics.seat_day, analytics.satisfaction, analytics.recording,
analytics.call, analytics.seat, analytics.problem_class, analytics.goods_class, analytics.area, analytics.day, analytics.order_text,
analytics.audit_trail, analytics.exchange, analytics.reconciliation_check, analytics.export_log, hotline.order_person,
hotline.seat_login, hotline.call_order, hotline.code_history, hotline.code_meaning, hotline.code_period;

-- With their triggers, as nothing else can depend on them.
DROP FUNCTION
hotline.keep_keys_of_call_log, hotline.keep_keys_of_complaint_order, hotline.keep_keys_of_report_order,
hotline.keep_keys_of_consultation_order, hotline.keep_keys_of_complaint_case, hotline.keep_keys_of_report_case,
hotline.keep_keys_of_consultation_case, hotline.keep_erased, hotline.keep_erased_answers, hotline.keep_erased_source,
hotline.mark_orders, hotline.mark_all_orders, hotline.mark_calls, hotline.mark_days, hotline.mark_seat_days, hotline.note_decision,
hotline.offer_feedback
CASCADE;

CREATE OR REPLACE FUNCTION hotline.note_order_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO hotline.order_change (regino) SELECT DISTINCT %1$I FROM changed_row WHERE %1$I <> ''''', tg_argv[0]
    );
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION hotline.note_version_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.order_change (regino) VALUES (new.key);
    RETURN NULL;
END
$$;

DROP FUNCTION
analytics.note_export, analytics.note_export_end, hotline.order_facts, hotline.unmask_order, hotline.order_records, hotline.masked,
hotline.kept_content, hotline.replies_on;
DROP VIEW hotline.feedback;
DROP TABLE
hotline.export_log, hotline.feedback_offer, hotline.gateway_token, hotline.gateway_client, hotline.form_launch, hotline.code_delivery,
hotline.unknown_code, hotline.call_hour, hotline.seat_hour, hotline.satisfaction_day, hotline.order_day, hotline.indicator_value,
hotline.company_month, hotline.order_fact, hotline.feedback_fact, hotline.order_mark, hotline.call_mark, hotline.rollup_mark,
hotline.order_walk, hotline.person_secret, hotline.person_rotation, hotline.erased_record;

DROP INDEX
hotline.recording_log_callid, hotline.recording_log_recordname, hotline.satisfaction_log_callid, hotline.call_log_day,
hotline.recording_log_day, hotline.satisfaction_log_day, hotline.complaint_order_history_regino,
hotline.report_order_history_regino, hotline.consultation_order_history_regino, hotline.delivery_audited;
ALTER TABLE hotline.call_log DROP COLUMN person_key;
ALTER TABLE hotline.call_log_history DROP COLUMN person_key;
ALTER TABLE hotline.complaint_order DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.complaint_order_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_order DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_order_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_order DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_order_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.complaint_case DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.complaint_case_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_case DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.report_case_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_case DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.consultation_case_history DROP COLUMN person_key, DROP COLUMN identity_key;
ALTER TABLE hotline.delivery DROP COLUMN is_returned;
ALTER TABLE hotline.order_change DROP CONSTRAINT order_change_pkey, ADD PRIMARY KEY (regino, row_id);

DROP FUNCTION
hotline.decoded, hotline.span, hotline.seconds_between, hotline.amount, hotline.company_key, hotline.plain_company_name,
hotline.order_stage, hotline.is_in_areas, hotline.person_key, hotline.identity_key, hotline.make_person_secret, hotline.erase_rows,
hotline.erased_text, hotline.erased_link, hotline.erased_body, hotline.keyed_hash, hotline.hmac_sha256, hotline.mask_phone,
hotline.mask_other_phone, hotline.mask_name, hotline.mask_address, hotline.mask_other_address, hotline.scrub_text,
hotline.normal_phone, hotline.spelled_phone, hotline.normal_identity, hotline.spelled_identity, hotline.identity_check;

-- The interaction log as one table; its rows are copied.
ALTER TABLE hotline.interaction_log RENAME TO interaction_log_parted;
ALTER SEQUENCE hotline.interaction_log_row_id_seq RENAME TO interaction_log_parted_row_id_seq;
ALTER INDEX hotline.interaction_log_pkey RENAME TO interaction_log_parted_pkey;
ALTER INDEX hotline.interaction_log_started_at RENAME TO interaction_log_parted_started_at;
ALTER INDEX hotline.interaction_log_key RENAME TO interaction_log_parted_key;

CREATE TABLE hotline.interaction_log (
    LIKE hotline.interaction_log_parted INCLUDING IDENTITY INCLUDING COMMENTS,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.interaction_log IS '交互日志（4.3）：每次调用一行，不含个人信息';

INSERT INTO hotline.interaction_log (
    row_id, started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256
)
OVERRIDING SYSTEM VALUE
SELECT
    row_id,
    started_at,
    interface,
    key,
    attempt,
    outcome,
    http_status,
    code,
    message,
    elapsed_ms,
    body_sha256
FROM hotline.interaction_log_parted;

CREATE INDEX interaction_log_started_at ON hotline.interaction_log (started_at);
CREATE INDEX interaction_log_key ON hotline.interaction_log (interface, key);

SELECT setval(
    pg_get_serial_sequence('hotline.interaction_log', 'row_id'),
    (SELECT last_value FROM hotline.interaction_log_parted_row_id_seq),
    (SELECT is_called FROM hotline.interaction_log_parted_row_id_seq)
);

DO $$
DECLARE
    reader regclass;
BEGIN
    FOR reader IN
        SELECT DISTINCT r.ev_class FROM pg_depend AS d INNER JOIN pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = 'hotline.interaction_log_parted'::regclass
    LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', reader,
            regexp_replace(pg_get_viewdef(reader), '\minteraction_log_parted\M', 'interaction_log', 'g'));
    END LOOP;
END
$$;

DROP TABLE hotline.interaction_log_parted;

DROP FUNCTION hotline.make_month, hotline.drop_months;
DROP VIEW hotline.month_partition;

-- Columns that had no comment.
DO $$
DECLARE
    said record;
BEGIN
    FOR said IN
        SELECT
            t.name,
            c.name AS column_name
        FROM (
            VALUES
            ('acceptance', 'row_id accepted_at begins ends'),
            ('alert', 'row_id cause subject day since count first_seen_at last_seen_at'), ('alert_told', 'alert asked_at'),
            ('calendar_day', 'day'), ('collection_window', 'row_id interface'),
            ('count_location', 'row_id checked_at kind begins platform_count local_count'),
            ('count_reconciliation', 'row_id checked_at'), ('counted_day', 'day'),
            ('delivery', 'row_id interface body_sha256 claimed_by code message first_refused_at settled_at taken_in_at'),
            ('deployment', 'is_only installed_at'), ('drain_fetch', 'interface'),
            ('handling_meaning', 'kind source source_date'),
            ('interaction_log', 'row_id started_at interface key attempt outcome http_status code message elapsed_ms body_sha256'),
            ('landing', 'row_id interface answer_sha256 answer row_count window_begin window_end'),
            ('operator_action', 'row_id acted_at actor interface key state_before state_after reason'),
            ('order_audit', 'row_id interface regino reason decided_at'), ('order_change', 'row_id'),
            ('order_completion', 'row_id interface regino value actor reason completed_at ended_by'),
            ('order_deadline', 'row_id loaded_at'), ('order_source', 'interface key'),
            ('order_supplement', 'row_id supplementid regino supplementtime content content_hash written_at taken_in_at'),
            ('order_urge', 'row_id urgeid regino urgetime urger remark content_hash written_at taken_in_at'),
            ('platform_reading', 'name is_inclusive found_at'),
            ('quality_result', 'row_id table_name failing_count checked_count message_zh'),
            ('quarantined_answer', 'row_id interface content_hash reasons first_seen_at last_seen_at'),
            ('quarantined_note', 'row_id'), ('run_log', 'row_id finished_at dag quarantined delivered'),
            ('seat', 'seatno seatname sourcearea unitcode enabled content_hash'),
            ('seat_history', 'row_id seatno seatname sourcearea unitcode enabled event happened_at'),
            ('standard_data', 'row_id loaded_at'), ('time_limit', 'kind source source_date')
        ) AS t (name, columns)
        CROSS JOIN LATERAL unnest(string_to_array(t.columns, ' ')) AS c (name)
    LOOP
        EXECUTE format('COMMENT ON COLUMN hotline.%I.%I IS NULL', said.name, said.column_name);
    END LOOP;
END
$$;

-- What the version before has no word for.
DELETE FROM hotline.operator_action
WHERE action IN ('erase', 'rotate', 'unmask', 'repair', 'ask_again', 'deliver_codes', 'withdraw_codes');
ALTER TABLE hotline.operator_action DROP CONSTRAINT operator_action_action_check;
ALTER TABLE hotline.operator_action ADD CONSTRAINT operator_action_action_check CHECK (
    action IN (
        'release', 'discard', 'replay', 'audit_pass', 'audit_return', 'complete', 'withdraw', 'release_as_is', 'assign',
        'accept', 'restore'
    )
);
COMMENT ON COLUMN hotline.operator_action.action IS
'release 按今天的规则放行, release_as_is 照原样入表, assign 补上工单编号后入表, discard 作废, replay 重新上报, '
'accept 认可差异, audit_pass、audit_return 审核通过、退回, complete、withdraw 补全、撤销补全, restore 恢复备份后据平台判定';
