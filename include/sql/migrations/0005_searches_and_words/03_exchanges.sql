-- Calls of the platform, its words rid of what tells a person: what was sent is taken out of them before they are kept, but the
-- platform may name others.

CREATE VIEW hotline.shown_exchange AS
SELECT
    l.row_id,
    l.started_at,
    l.interface,
    l.key,
    l.attempt,
    l.outcome,
    l.http_status,
    l.code,
    l.elapsed_ms,
    CASE
        WHEN l.message IS NOT NULL THEN hotline.scrub_text(l.message, array(
            SELECT p.value FROM hotline.order_person AS p
            WHERE p.regino = l.key
        ))
    END AS message_scrubbed
FROM hotline.interaction_log AS l;

COMMENT ON VIEW hotline.shown_exchange IS '交互日志，平台的说明已隐去个人信息';
