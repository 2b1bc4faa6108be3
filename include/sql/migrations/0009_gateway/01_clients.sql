-- Who may call the gateway (4.2.2), and what feedback each is still to fetch (4.2.5). docs/gateway.md says what follows from it.

CREATE TABLE hotline.gateway_client (
    client_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> ''),
    app_id text NOT NULL UNIQUE,
    areas text [] NOT NULL CHECK (cardinality(areas) > 0 AND array_to_string(areas, '') ~ '^([0-9]{6})+$'),
    area_at integer NOT NULL DEFAULT 1 CHECK (area_at > 0),
    origins text [] NOT NULL DEFAULT '{}',
    made_at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz,
    revoked_at timestamptz
);

COMMENT ON TABLE hotline.gateway_client IS '调用网关的一方，如 12345 系统';
COMMENT ON COLUMN hotline.gateway_client.client_id IS '编号';
COMMENT ON COLUMN hotline.gateway_client.name IS '名称';
COMMENT ON COLUMN hotline.gateway_client.app_id IS '调用方标识 AppId';
COMMENT ON COLUMN hotline.gateway_client.areas IS '可见的行政区划代码；末尾成对的 00 表示其下全部，000000 表示不限';
COMMENT ON COLUMN hotline.gateway_client.area_at IS '行政区划代码在工单编号中从第几位开始';
COMMENT ON COLUMN hotline.gateway_client.origins IS '可以嵌入登记页面的网页来源';
COMMENT ON COLUMN hotline.gateway_client.made_at IS '登记的时间';
COMMENT ON COLUMN hotline.gateway_client.fetched_at IS '最近一次获取或回写反馈的时间';
COMMENT ON COLUMN hotline.gateway_client.revoked_at IS '停用的时间；空值为在用';

CREATE TABLE hotline.gateway_token (
    token_hash bytea PRIMARY KEY,
    client_id integer NOT NULL REFERENCES hotline.gateway_client,
    made_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL DEFAULT 'infinity'
);

COMMENT ON TABLE hotline.gateway_token IS '调用方的 Token；更换期间两个同时有效';
COMMENT ON COLUMN hotline.gateway_token.token_hash IS 'Token 的 SHA-256';
COMMENT ON COLUMN hotline.gateway_token.client_id IS '调用方';
COMMENT ON COLUMN hotline.gateway_token.made_at IS '生成的时间';
COMMENT ON COLUMN hotline.gateway_token.ends_at IS '失效的时间';

CREATE INDEX gateway_token_client ON hotline.gateway_token (client_id);
