-- What is to be computed again for analysts, noted by those who change it in their own transaction, as for publication: no
-- moment has to be remembered, and what commits late is not missed.

-- Noted for every row that is stored, and taken in the order in which they came: a number that only grows is the cheapest key. With
-- the order's number before it, each of the two cost a sixth of storing a case.
ALTER TABLE hotline.order_change DROP CONSTRAINT order_change_pkey, ADD PRIMARY KEY (row_id);

CREATE TABLE hotline.order_mark (
    regino text NOT NULL,
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    marked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.order_mark IS '有变化而 order_fact 尚未重算的工单：由触发器在同一事务中记下，重算后删除';
COMMENT ON COLUMN hotline.order_mark.regino IS '工单编号；空串为日历、时限、步骤含义有变化，全部工单都要重算';
COMMENT ON COLUMN hotline.order_mark.row_id IS '编号';
COMMENT ON COLUMN hotline.order_mark.marked_at IS '变化的时间';

-- Without an index, as it is only ever taken whole: calls have no changes but their recordings'.
CREATE TABLE hotline.call_mark (
    callid text NOT NULL,
    marked_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE hotline.call_mark IS '录音有变化的呼叫：重算时换成要重算的日期';
COMMENT ON COLUMN hotline.call_mark.callid IS '呼叫流水号';
COMMENT ON COLUMN hotline.call_mark.marked_at IS '变化的时间';

CREATE TABLE hotline.rollup_mark (
    rollup text NOT NULL CHECK (
        rollup IN ('call_hour', 'seat_hour', 'satisfaction_day', 'order_day', 'indicator_month')
    ),
    day date NOT NULL,
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    marked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (rollup, day, row_id)
);

COMMENT ON TABLE hotline.rollup_mark IS '有变化而汇总表尚未重算的日期（indicator_month 为月份的首日）';
COMMENT ON COLUMN hotline.rollup_mark.rollup IS '汇总表名';
COMMENT ON COLUMN hotline.rollup_mark.day IS '日期';
COMMENT ON COLUMN hotline.rollup_mark.row_id IS '编号';
COMMENT ON COLUMN hotline.rollup_mark.marked_at IS '变化的时间';

-- After a change of a rule all facts are computed again, a piece a run; until then they stand as they were.
CREATE TABLE hotline.order_walk (reached text);

COMMENT ON TABLE hotline.order_walk IS '规则变化后重算全部工单的进度，只有一行';
COMMENT ON COLUMN hotline.order_walk.reached IS '已重算到哪个工单编号；空为已重算完';

CREATE UNIQUE INDEX order_walk_one ON hotline.order_walk ((true));
INSERT INTO hotline.order_walk DEFAULT VALUES;

-- One trigger notes for both: what is to be published, and what is to be computed again.
CREATE OR REPLACE FUNCTION hotline.note_order_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'WITH changed AS (SELECT DISTINCT %1$I AS regino FROM changed_row WHERE %1$I <> ''''),'
        ' published AS (INSERT INTO hotline.order_change (regino) SELECT regino FROM changed)'
        ' INSERT INTO hotline.order_mark (regino) SELECT regino FROM changed',
        tg_argv[0]
    );
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION hotline.note_version_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.order_change (regino) VALUES (new.key);
    INSERT INTO hotline.order_mark (regino) VALUES (new.key);
    RETURN NULL;
END
$$;

CREATE FUNCTION hotline.mark_orders() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO hotline.order_mark (regino) SELECT DISTINCT %1$I FROM changed_row WHERE %1$I <> ''''', tg_argv[0]
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION hotline.mark_all_orders() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.order_mark (regino)
    SELECT '' WHERE EXISTS (SELECT FROM changed_row);
    RETURN NULL;
END
$$;

CREATE FUNCTION hotline.mark_calls() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.call_mark (callid)
    SELECT DISTINCT r.callid
    FROM changed_row AS r
    WHERE r.callid <> '';
    RETURN NULL;
END
$$;

CREATE FUNCTION hotline.mark_days() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO hotline.rollup_mark (rollup, day)'
        ' SELECT DISTINCT %1$L, (%2$I AT TIME ZONE ''Asia/Shanghai'')::date FROM changed_row WHERE isfinite(%2$I)',
        tg_argv[0], tg_argv[1]
    );
    RETURN NULL;
END
$$;

-- A log-in of use lies within two days: those of its begin and of its end.
CREATE FUNCTION hotline.mark_seat_days() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.rollup_mark (rollup, day)
    SELECT DISTINCT 'seat_hour', (t.at AT TIME ZONE 'Asia/Shanghai')::date
    FROM changed_row AS r
    CROSS JOIN LATERAL (VALUES (r.begintime), (r.endtime)) AS t (at)
    WHERE isfinite(t.at);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION hotline.mark_orders() IS '触发器：记下有变化的工单';
COMMENT ON FUNCTION hotline.mark_all_orders() IS '触发器：规则有变化，记下全部工单要重算';
COMMENT ON FUNCTION hotline.mark_calls() IS '触发器：记下录音有变化的呼叫';
COMMENT ON FUNCTION hotline.mark_days() IS '触发器：记下有变化的日期，变化前后的日期都记';
COMMENT ON FUNCTION hotline.mark_seat_days() IS '触发器：记下签入有变化的日期';

-- A statement trigger has one transition table by that name: an update needs one for what was and one for what is.
DO $$
DECLARE
    source text [];
BEGIN
    FOREACH source SLICE 1 IN ARRAY ARRAY [
        ['complaint_order', 'mark_orders(''regino'')'], ['report_order', 'mark_orders(''regino'')'],
        ['consultation_order', 'mark_orders(''regino'')'], ['consultation_case', 'mark_orders(''regino'')'],
        ['case_extension', 'mark_orders(''orderid'')'], ['case_urge', 'mark_orders(''id'')'],
        ['order_urge', 'mark_orders(''regino'')'], ['order_supplement', 'mark_orders(''regino'')'],
        ['order_deadline', 'mark_orders(''regino'')'],
        ['calendar_day', 'mark_all_orders()'], ['time_limit', 'mark_all_orders()'],
        ['handling_meaning', 'mark_all_orders()'],
        ['recording_log', 'mark_calls()'],
        ['call_log', 'mark_days(''call_hour'', ''calltime'')'],
        ['seat_login_log', 'mark_seat_days()'],
        ['satisfaction_log', 'mark_days(''satisfaction_day'', ''opttime'')']
    ]
    LOOP
        EXECUTE format(
            'CREATE TRIGGER mark_inserted AFTER INSERT ON hotline.%1$I REFERENCING NEW TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.%2$s;'
            'CREATE TRIGGER mark_updated_from AFTER UPDATE ON hotline.%1$I REFERENCING OLD TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.%2$s;'
            'CREATE TRIGGER mark_updated_to AFTER UPDATE ON hotline.%1$I REFERENCING NEW TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.%2$s;'
            'CREATE TRIGGER mark_deleted AFTER DELETE ON hotline.%1$I REFERENCING OLD TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.%2$s',
            source[1], source[2]
        );
    END LOOP;
END
$$;
