-- Standard data (specification 4.2.18): codes and their contents, a row a version.

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
