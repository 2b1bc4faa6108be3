-- Openings of the order form inside 12345 (specification 4.1.2, steps 3 and 4). What 12345 prefills stays until the form is opened,
-- ten minutes at most; what was typed never stands here.

CREATE TABLE hotline.form_launch (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket_hash bytea NOT NULL UNIQUE,
    client text NOT NULL,
    origins text [] NOT NULL,
    interface text NOT NULL,
    regino text NOT NULL,
    operator text NOT NULL,
    opener_origin text NOT NULL,
    prefill jsonb,
    launched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    opened_at timestamptz,
    key_hash bytea UNIQUE,
    submitted_at timestamptz
);

CREATE INDEX form_launch_prefilled ON hotline.form_launch (launched_at) WHERE prefill IS NOT NULL;
CREATE INDEX form_launch_submitted ON hotline.form_launch (regino) WHERE submitted_at IS NOT NULL;
CREATE INDEX form_launch_launched_at ON hotline.form_launch (launched_at);

COMMENT ON TABLE hotline.form_launch IS '受理页的打开记录：12345 每请求打开一次一行';
COMMENT ON COLUMN hotline.form_launch.row_id IS '编号';
COMMENT ON COLUMN hotline.form_launch.ticket_hash IS '一次性地址的 SHA-256';
COMMENT ON COLUMN hotline.form_launch.client IS '请求打开的客户端（AppId）';
COMMENT ON COLUMN hotline.form_launch.origins IS '可以嵌入受理页的网站';
COMMENT ON COLUMN hotline.form_launch.interface IS '工单的接口名，即类型';
COMMENT ON COLUMN hotline.form_launch.regino IS '工单编号';
COMMENT ON COLUMN hotline.form_launch.operator IS '12345 的经办人员';
COMMENT ON COLUMN hotline.form_launch.opener_origin IS '打开受理页的网站，提交后通知它';
COMMENT ON COLUMN hotline.form_launch.prefill IS '预填内容；打开后或十分钟后清空';
COMMENT ON COLUMN hotline.form_launch.launched_at IS '请求时间';
COMMENT ON COLUMN hotline.form_launch.opened_at IS '打开时间；空值为没有打开';
COMMENT ON COLUMN hotline.form_launch.key_hash IS '受理页的提交凭证的 SHA-256；打开后才有';
COMMENT ON COLUMN hotline.form_launch.submitted_at IS '提交时间；空值为没有提交';
