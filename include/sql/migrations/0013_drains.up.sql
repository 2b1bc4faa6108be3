-- What the last fetch of each drain found: one that was empty minutes ago is not asked again by every run.

CREATE TABLE hotline.drain_fetch (
    interface text PRIMARY KEY,
    fetched_at timestamptz NOT NULL,
    row_count integer NOT NULL
);

COMMENT ON TABLE hotline.drain_fetch IS '待取反馈：每个接口最近一次取数';
COMMENT ON COLUMN hotline.drain_fetch.fetched_at IS '取数时间';
COMMENT ON COLUMN hotline.drain_fetch.row_count IS '取得的行数；0 表示当时没有待取的反馈';
