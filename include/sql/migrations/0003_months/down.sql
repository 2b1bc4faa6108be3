-- Makes one table of the interaction log again; its rows are copied.

ALTER TABLE hotline.interaction_log RENAME TO interaction_log_parted;
ALTER SEQUENCE hotline.interaction_log_row_id_seq RENAME TO interaction_log_parted_row_id_seq;
ALTER INDEX hotline.interaction_log_pkey RENAME TO interaction_log_parted_pkey;
ALTER INDEX hotline.interaction_log_started_at RENAME TO interaction_log_parted_started_at;
ALTER INDEX hotline.interaction_log_key RENAME TO interaction_log_parted_key;

CREATE TABLE hotline.interaction_log (
    LIKE hotline.interaction_log_parted INCLUDING IDENTITY INCLUDING COMMENTS,
    PRIMARY KEY (row_id)
);

COMMENT ON TABLE hotline.interaction_log IS '交互日志（4.3）：每次调用一行，不含个人信息';

INSERT INTO hotline.interaction_log (
    row_id, started_at, interface, key, attempt, outcome, http_status, code, message, elapsed_ms, body_sha256
)
OVERRIDING SYSTEM VALUE
SELECT
    row_id,
    started_at,
    interface,
    key,
    attempt,
    outcome,
    http_status,
    code,
    message,
    elapsed_ms,
    body_sha256
FROM hotline.interaction_log_parted;

CREATE INDEX interaction_log_started_at ON hotline.interaction_log (started_at);
CREATE INDEX interaction_log_key ON hotline.interaction_log (interface, key);

SELECT setval(
    pg_get_serial_sequence('hotline.interaction_log', 'row_id'),
    (SELECT last_value FROM hotline.interaction_log_parted_row_id_seq),
    (SELECT is_called FROM hotline.interaction_log_parted_row_id_seq)
);

DO $$
DECLARE
    reader regclass;
BEGIN
    FOR reader IN
        SELECT DISTINCT r.ev_class FROM pg_depend AS d INNER JOIN pg_rewrite AS r ON r.oid = d.objid
        WHERE d.classid = 'pg_rewrite'::regclass AND d.refobjid = 'hotline.interaction_log_parted'::regclass
    LOOP
        EXECUTE format('CREATE OR REPLACE VIEW %s AS %s', reader,
            regexp_replace(pg_get_viewdef(reader), '\minteraction_log_parted\M', 'interaction_log', 'g'));
    END LOOP;
END
$$;

DROP TABLE hotline.interaction_log_parted;

DROP FUNCTION hotline.make_month, hotline.drop_months;
DROP VIEW hotline.month_partition;
