UPDATE hotline.collection_window
SET due_at = retry_at
WHERE retry_at IS NOT null;
ALTER TABLE hotline.collection_window DROP COLUMN retry_at;
COMMENT ON COLUMN hotline.collection_window.due_at IS '何时再次查询；空值表示不再查询';

COMMENT ON COLUMN hotline.quarantined_answer.raw IS '该行的 JSON 字节';
COMMENT ON COLUMN hotline.quarantined_answer.key IS '工单编号；没有时为空串；过长时只留前 200 个字符';

-- The older form of the view shows JSON alone.
UPDATE hotline.quarantined_answer
SET raw = convert_to(to_jsonb(encode(raw, 'escape'))::text, 'UTF8')
WHERE 'row:unreadable' = any(reasons);

-- Both kinds of quarantine in one view. A row whose JSON no jsonb can hold (NUL, half of a surrogate pair) shows as text.
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
        WHEN
            convert_from(raw, 'UTF8')
            ~ '\\u0000|\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]'
            THEN to_jsonb(convert_from(raw, 'UTF8'))
        ELSE convert_from(raw, 'UTF8')::jsonb
    END AS raw,
    state
FROM hotline.quarantined_answer;

DROP INDEX hotline.complaint_case_name;
CREATE UNIQUE INDEX complaint_case_content ON hotline.complaint_case (regino, content_hash);

DROP INDEX hotline.report_case_name;
CREATE UNIQUE INDEX report_case_content ON hotline.report_case (regino, content_hash);

DROP INDEX hotline.consultation_case_name;
CREATE UNIQUE INDEX consultation_case_content ON hotline.consultation_case (regino, content_hash);

DROP INDEX hotline.returned_case_name;
CREATE UNIQUE INDEX returned_case_content ON hotline.returned_case (odrno, content_hash);

DROP INDEX hotline.case_extension_name;
CREATE UNIQUE INDEX case_extension_content ON hotline.case_extension (orderid, content_hash);
