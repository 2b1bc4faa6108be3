-- What is written back to the docking store, and the standard data. What is to be published is noted by those who change it, in
-- their transaction: no moment has to be remembered, nothing that commits late is missed, and a run without changes reads an
-- empty table.

CREATE TABLE hotline.standard_data (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category text NOT NULL,
    category_zh text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    valid_from date,
    valid_to date,
    source text NOT NULL,
    source_date date NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT now(),
    CHECK (valid_from <= valid_to),
    UNIQUE NULLS NOT DISTINCT (category, code, valid_from)
);

COMMENT ON TABLE hotline.standard_data IS '标准数据（代码表），每个代码的每个版本一行；来自 include/standard_data';
COMMENT ON COLUMN hotline.standard_data.category IS '代码表名';
COMMENT ON COLUMN hotline.standard_data.category_zh IS '类别';
COMMENT ON COLUMN hotline.standard_data.code IS '代码';
COMMENT ON COLUMN hotline.standard_data.name IS '代码内容';
COMMENT ON COLUMN hotline.standard_data.valid_from IS '启用日期；空为不详';
COMMENT ON COLUMN hotline.standard_data.valid_to IS '停用前最后一日；空为仍有效';
COMMENT ON COLUMN hotline.standard_data.source IS '来源';
COMMENT ON COLUMN hotline.standard_data.source_date IS '来源的查阅日期';

CREATE TABLE hotline.order_change (
    regino text NOT NULL,
    row_id bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (regino, row_id)
);

COMMENT ON TABLE hotline.order_change IS '尚未回写的变化：由触发器在同一事务中记下，回写后删除';
COMMENT ON COLUMN hotline.order_change.regino IS '工单编号；空串为标准数据';

CREATE TABLE hotline.publish_again (
    docking_table text NOT NULL,
    regino text NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    tried_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (docking_table, regino)
);

COMMENT ON TABLE hotline.publish_again IS '对接库某张表未能接受的工单：每次回写都再试，写成后删除';
COMMENT ON COLUMN hotline.publish_again.docking_table IS '对接库的表名';
COMMENT ON COLUMN hotline.publish_again.regino IS '工单编号；空串为标准数据';
COMMENT ON COLUMN hotline.publish_again.since IS '首次失败的时间';
COMMENT ON COLUMN hotline.publish_again.tried_at IS '最近一次尝试的时间';

-- Once a day every order is compared, a piece a run.
CREATE TABLE hotline.publication (
    compared_on date NOT NULL,
    compared_to text
);

COMMENT ON TABLE hotline.publication IS '每日比对全部工单的进度，只有一行';
COMMENT ON COLUMN hotline.publication.compared_on IS '最近一次比对开始的日期';
COMMENT ON COLUMN hotline.publication.compared_to IS '比对到哪个工单编号；空为已比对完';

CREATE UNIQUE INDEX publication_one ON hotline.publication ((true));
INSERT INTO hotline.publication (compared_on) VALUES (current_date);

CREATE FUNCTION hotline.note_order_changes() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'INSERT INTO hotline.order_change (regino) SELECT DISTINCT %1$I FROM changed_row WHERE %1$I <> ''''', tg_argv[0]
    );
    RETURN NULL;
END
$$;

CREATE FUNCTION hotline.note_version_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.order_change (regino) VALUES (new.key);
    RETURN NULL;
END
$$;

CREATE FUNCTION hotline.note_standard_data_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO hotline.order_change (regino) VALUES ('');
    RETURN NULL;
END
$$;

DO $$
DECLARE
    source text [];
BEGIN
    FOREACH source SLICE 1 IN ARRAY ARRAY [
        ['order_audit', 'regino'], ['complaint_case', 'regino'], ['report_case', 'regino'], ['returned_case', 'odrno'],
        ['case_routing', 'bh'], ['complaint_handling', 'bh'], ['report_handling', 'bh'], ['complaint_feedback', 'odrno'],
        ['report_feedback', 'odrno'], ['consultation_feedback', 'odrno'], ['case_feedback', 'region']
    ]
    LOOP
        EXECUTE format(
            'CREATE TRIGGER note_inserted AFTER INSERT ON hotline.%1$I REFERENCING NEW TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.note_order_changes(%2$L);'
            'CREATE TRIGGER note_updated AFTER UPDATE ON hotline.%1$I REFERENCING NEW TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.note_order_changes(%2$L);'
            'CREATE TRIGGER note_deleted AFTER DELETE ON hotline.%1$I REFERENCING OLD TABLE AS changed_row'
            ' FOR EACH STATEMENT EXECUTE FUNCTION hotline.note_order_changes(%2$L)',
            source[1], source[2]
        );
    END LOOP;
END
$$;

-- A row at a time, as hardly any version is an order's, and most changes of one are claims.
CREATE TRIGGER note_inserted AFTER INSERT ON hotline.delivery
FOR EACH ROW WHEN (
    new.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData') AND new.key <> ''
)
EXECUTE FUNCTION hotline.note_version_change();
CREATE TRIGGER note_updated AFTER UPDATE OF state, reasons, message, written_at, discarded_at ON hotline.delivery
FOR EACH ROW WHEN (
    new.interface IN ('putTsBusiRegInfoData', 'putJbBusiRegInfoData', 'putZxBusiRegInfoData')
    AND new.key <> ''
    AND (new.state, new.reasons, new.message, new.written_at, new.discarded_at)
    IS DISTINCT FROM (old.state, old.reasons, old.message, old.written_at, old.discarded_at)
)
EXECUTE FUNCTION hotline.note_version_change();

CREATE TRIGGER note_changed AFTER INSERT OR UPDATE OR DELETE ON hotline.standard_data
FOR EACH STATEMENT EXECUTE FUNCTION hotline.note_standard_data_change();

-- The standard data are to be published at once.
INSERT INTO hotline.order_change (regino) VALUES ('');
