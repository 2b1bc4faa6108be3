-- What left the store as a file, and who took it: `hotline export` enters it with the rights of whoever asks.

CREATE TABLE hotline.export_log (
    row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account text NOT NULL,
    actor text NOT NULL,
    view_name text NOT NULL,
    columns text [] NOT NULL,
    filter_shape text NOT NULL,
    file_format text NOT NULL CHECK (file_format IN ('csv', 'xlsx', 'parquet')),
    row_count bigint,
    ended_at timestamptz
);

COMMENT ON TABLE hotline.export_log IS '导出记录：每次导出一行，开始读取之前写入；不含筛选值和数据';
COMMENT ON COLUMN hotline.export_log.row_id IS '编号';
COMMENT ON COLUMN hotline.export_log.begun_at IS '开始时间';
COMMENT ON COLUMN hotline.export_log.account IS '数据库登录账号';
COMMENT ON COLUMN hotline.export_log.actor IS '操作系统账号（由命令填写）';
COMMENT ON COLUMN hotline.export_log.view_name IS '导出的视图';
COMMENT ON COLUMN hotline.export_log.columns IS '导出的列';
COMMENT ON COLUMN hotline.export_log.filter_shape IS '筛选条件的形式：列和运算符，值写作 ?；没有筛选为空串';
COMMENT ON COLUMN hotline.export_log.file_format IS '文件格式';
COMMENT ON COLUMN hotline.export_log.row_count IS '导出的行数；空值为没有完成';
COMMENT ON COLUMN hotline.export_log.ended_at IS '完成时间；空值为没有完成';

CREATE INDEX export_log_begun_at ON hotline.export_log (begun_at);

CREATE VIEW analytics.export_log AS
SELECT
    row_id,
    begun_at,
    ended_at,
    account,
    actor,
    view_name,
    columns,
    filter_shape,
    file_format,
    row_count
FROM hotline.export_log;

COMMENT ON VIEW analytics.export_log IS '导出记录：每次导出一行';
COMMENT ON COLUMN analytics.export_log.row_id IS '编号';
COMMENT ON COLUMN analytics.export_log.begun_at IS '开始时间';
COMMENT ON COLUMN analytics.export_log.ended_at IS '完成时间；空值为没有完成';
COMMENT ON COLUMN analytics.export_log.account IS '数据库登录账号';
COMMENT ON COLUMN analytics.export_log.actor IS '操作系统账号（由命令填写）';
COMMENT ON COLUMN analytics.export_log.view_name IS '导出的视图';
COMMENT ON COLUMN analytics.export_log.columns IS '导出的列';
COMMENT ON COLUMN analytics.export_log.filter_shape IS '筛选条件的形式：列和运算符，值写作 ?；没有筛选为空串';
COMMENT ON COLUMN analytics.export_log.file_format IS '文件格式';
COMMENT ON COLUMN analytics.export_log.row_count IS '导出的行数；空值为没有完成';

-- Analysts write nothing else, and read nothing here: the functions alone have the right.
CREATE FUNCTION analytics.note_export(
    actor text, view_name text, columns text [], filter_shape text, file_format text
) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    INSERT INTO hotline.export_log (account, actor, view_name, columns, filter_shape, file_format)
    VALUES (
        session_user, note_export.actor, note_export.view_name, note_export.columns, note_export.filter_shape,
        note_export.file_format
    )
    RETURNING export_log.row_id;
END;

COMMENT ON FUNCTION analytics.note_export IS '登记一次导出的开始，返回编号';

CREATE FUNCTION analytics.note_export_end(number bigint, exported_rows bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE hotline.export_log
    SET row_count = note_export_end.exported_rows, ended_at = clock_timestamp()
    WHERE
        export_log.row_id = note_export_end.number
        AND export_log.account = session_user
        AND export_log.ended_at IS null;
END;

COMMENT ON FUNCTION analytics.note_export_end IS '登记一次导出的完成和行数；只能登记本账号的导出，只能登记一次';

REVOKE ALL ON FUNCTION analytics.note_export, analytics.note_export_end FROM public;
