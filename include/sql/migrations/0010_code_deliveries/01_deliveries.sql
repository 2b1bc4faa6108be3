-- Code lists that somebody uploads, and what was counted of codes that no list has: both are shown on a page.

CREATE TABLE hotline.code_delivery (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category text NOT NULL,
    uploaded_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    file_name text NOT NULL,
    source text NOT NULL,
    source_date date NOT NULL,
    holds_from date,
    has_days boolean NOT NULL,
    codes jsonb NOT NULL,
    remarks text [] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'uploaded' CHECK (state IN ('uploaded', 'in_use', 'replaced', 'withdrawn')),
    decided_at timestamptz
);

COMMENT ON TABLE hotline.code_delivery IS '在页面上导入的代码表：每次导入一行；使用中的代替 include/standard_data 中的同名文件';
COMMENT ON COLUMN hotline.code_delivery.row_id IS '本地编号';
COMMENT ON COLUMN hotline.code_delivery.category IS '代码表名';
COMMENT ON COLUMN hotline.code_delivery.uploaded_at IS '导入时间';
COMMENT ON COLUMN hotline.code_delivery.actor IS '导入人';
COMMENT ON COLUMN hotline.code_delivery.file_name IS '文件名';
COMMENT ON COLUMN hotline.code_delivery.source IS '来源';
COMMENT ON COLUMN hotline.code_delivery.source_date IS '来源的日期';
COMMENT ON COLUMN hotline.code_delivery.holds_from IS '从哪一天起是完整的代码表；空为不详，或文件自带日期';
COMMENT ON COLUMN hotline.code_delivery.has_days IS '文件是否自带启用、停用日期：带的为全部版本，不带的为当时的代码';
COMMENT ON COLUMN hotline.code_delivery.codes IS '文件的内容：每行为代码、名称、启用日期、停用日期';
COMMENT ON COLUMN hotline.code_delivery.remarks IS '读取文件时需要人核对的事项';
COMMENT ON COLUMN hotline.code_delivery.state IS 'uploaded 已导入，未启用；in_use 使用中；replaced 已由新的代替；withdrawn 已撤销';
COMMENT ON COLUMN hotline.code_delivery.decided_at IS '启用、被代替或撤销的时间';

CREATE UNIQUE INDEX code_delivery_in_use ON hotline.code_delivery (category) WHERE state = 'in_use';
CREATE INDEX code_delivery_category ON hotline.code_delivery (category, row_id);

CREATE TABLE hotline.unknown_code (
    interface text NOT NULL,
    field text NOT NULL,
    category text NOT NULL,
    code text NOT NULL,
    row_count bigint NOT NULL,
    counted_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (interface, field, code)
);

COMMENT ON TABLE hotline.unknown_code IS '本地各表中不在代码表内的代码，每晚统计；不像代码的内容只计数';
COMMENT ON COLUMN hotline.unknown_code.interface IS '接口';
COMMENT ON COLUMN hotline.unknown_code.field IS '字段';
COMMENT ON COLUMN hotline.unknown_code.category IS '代码表名';
COMMENT ON COLUMN hotline.unknown_code.code IS '代码';
COMMENT ON COLUMN hotline.unknown_code.row_count IS '现有多少行使用';
COMMENT ON COLUMN hotline.unknown_code.counted_at IS '统计时间';
