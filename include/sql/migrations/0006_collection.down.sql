DROP INDEX hotline.consultation_case_registime;
DROP INDEX hotline.report_case_registime;
DROP INDEX hotline.complaint_case_registime;
DROP VIEW hotline.open_order;
DROP VIEW hotline.registered_order;
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
WHERE state = 'quarantined';
COMMENT ON VIEW hotline.quarantine IS '隔离区：违反规则而未上报的行';
DROP TABLE hotline.quarantined_answer;
DROP TABLE hotline.landing;
DROP TABLE hotline.collection_window;
