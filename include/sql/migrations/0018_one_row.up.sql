-- One row an order where the interface shows one row an order (`one_row` of the contract), and of an extension one row an
-- application: of doubles that cut answers have left, the content that was asked for last stands.

WITH ranked AS (
    SELECT
        t.row_id,
        first_value(t.requested_at) OVER names AS newest,
        row_number() OVER names AS place
    FROM hotline.complaint_case AS t
    WINDOW names AS (PARTITION BY t.regino ORDER BY t.requested_at DESC, t.row_id DESC)
),

gone AS (
    DELETE FROM hotline.complaint_case AS t USING ranked
    WHERE t.row_id = ranked.row_id AND ranked.place > 1
    RETURNING t.*, ranked.newest
)

INSERT INTO hotline.complaint_case_history
SELECT gone.* FROM gone;

DROP INDEX hotline.complaint_case_content;
CREATE UNIQUE INDEX complaint_case_name ON hotline.complaint_case (regino);

WITH ranked AS (
    SELECT
        t.row_id,
        first_value(t.requested_at) OVER names AS newest,
        row_number() OVER names AS place
    FROM hotline.report_case AS t
    WINDOW names AS (PARTITION BY t.regino ORDER BY t.requested_at DESC, t.row_id DESC)
),

gone AS (
    DELETE FROM hotline.report_case AS t USING ranked
    WHERE t.row_id = ranked.row_id AND ranked.place > 1
    RETURNING t.*, ranked.newest
)

INSERT INTO hotline.report_case_history
SELECT gone.* FROM gone;

DROP INDEX hotline.report_case_content;
CREATE UNIQUE INDEX report_case_name ON hotline.report_case (regino);

WITH ranked AS (
    SELECT
        t.row_id,
        first_value(t.requested_at) OVER names AS newest,
        row_number() OVER names AS place
    FROM hotline.consultation_case AS t
    WINDOW names AS (PARTITION BY t.regino ORDER BY t.requested_at DESC, t.row_id DESC)
),

gone AS (
    DELETE FROM hotline.consultation_case AS t USING ranked
    WHERE t.row_id = ranked.row_id AND ranked.place > 1
    RETURNING t.*, ranked.newest
)

INSERT INTO hotline.consultation_case_history
SELECT gone.* FROM gone;

DROP INDEX hotline.consultation_case_content;
CREATE UNIQUE INDEX consultation_case_name ON hotline.consultation_case (regino);

WITH ranked AS (
    SELECT
        t.row_id,
        first_value(t.requested_at) OVER names AS newest,
        row_number() OVER names AS place
    FROM hotline.returned_case AS t
    WINDOW names AS (PARTITION BY t.odrno ORDER BY t.requested_at DESC, t.row_id DESC)
),

gone AS (
    DELETE FROM hotline.returned_case AS t USING ranked
    WHERE t.row_id = ranked.row_id AND ranked.place > 1
    RETURNING t.*, ranked.newest
)

INSERT INTO hotline.returned_case_history
SELECT gone.* FROM gone;

DROP INDEX hotline.returned_case_content;
CREATE UNIQUE INDEX returned_case_name ON hotline.returned_case (odrno);

WITH ranked AS (
    SELECT
        t.row_id,
        first_value(t.requested_at) OVER names AS newest,
        row_number() OVER names AS place
    FROM hotline.case_extension AS t
    WHERE (t.orderid, t.sqrbh, t.sqdate, t.yqdate) IS NOT null
    WINDOW names AS (PARTITION BY t.orderid, t.sqrbh, t.sqdate, t.yqdate ORDER BY t.requested_at DESC, t.row_id DESC)
),

gone AS (
    DELETE FROM hotline.case_extension AS t USING ranked
    WHERE t.row_id = ranked.row_id AND ranked.place > 1
    RETURNING t.*, ranked.newest
)

INSERT INTO hotline.case_extension_history
SELECT gone.* FROM gone;

DROP INDEX hotline.case_extension_content;
CREATE UNIQUE INDEX case_extension_name ON hotline.case_extension (orderid, sqrbh, sqdate, yqdate);

-- Both kinds of quarantine in one view. A row whose JSON no jsonb can hold (NUL, half of a surrogate pair) shows as text,
-- and so does what is no JSON in UTF-8, with every byte beyond ASCII as an octal number.
CREATE OR REPLACE VIEW hotline.quarantine AS
SELECT
    row_id,
    interface,
    key,
    reasons,
    written_at,
    taken_in_at,
    convert_from(body, 'UTF8')::jsonb AS raw,
    CASE WHEN discarded_at IS null THEN 'open' ELSE 'discarded' END AS state
FROM hotline.delivery
WHERE state = 'quarantined'
UNION ALL
SELECT
    row_id,
    interface,
    key,
    reasons,
    last_seen_at AS written_at,
    first_seen_at AS taken_in_at,
    CASE
        WHEN 'row:unreadable' = any(reasons) THEN to_jsonb(encode(raw, 'escape'))
        WHEN
            convert_from(raw, 'UTF8')
            ~ '\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]'
            THEN to_jsonb(convert_from(raw, 'UTF8'))
        ELSE convert_from(raw, 'UTF8')::jsonb
    END AS raw,
    state
FROM hotline.quarantined_answer;

COMMENT ON COLUMN hotline.quarantined_answer.key IS '工单编号；没有时为空串；过长时为其开头和散列值，共 200 个字符';
COMMENT ON COLUMN hotline.quarantined_answer.raw IS '该行的 JSON 字节；reasons 为 row:unreadable 的是平台应答中的原样字节';

-- A failed visit does not move the time since when a window waits: how late it is can be told.
ALTER TABLE hotline.collection_window ADD COLUMN retry_at timestamptz;
COMMENT ON COLUMN hotline.collection_window.retry_at IS '查询失败后，不早于此时间重试；取得后为空';
COMMENT ON COLUMN hotline.collection_window.due_at IS '自何时起应当再次查询，查询失败不改变它；空值表示不再查询';
UPDATE hotline.collection_window
SET
    retry_at = due_at,
    due_at = coalesce(visited_at, due_at)
WHERE due_because = 'failed';
