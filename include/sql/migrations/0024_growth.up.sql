-- What runs every minute or every hour reads as much after years as in the first month: indexes by which it finds its rows, and
-- tables that stay as small as what is in them.

-- Windows: from the index alone where gaps are looked for; the last of those that nobody visits.
DROP INDEX hotline.collection_window_ends;
CREATE INDEX collection_window_ends ON hotline.collection_window (interface, ends) INCLUDE (begins);
CREATE INDEX collection_window_asleep ON hotline.collection_window (ends) WHERE due_at IS null;

-- Windows follow each other without overlapping, so none before this one reaches beyond the moment.
CREATE FUNCTION hotline.first_window(of_interface text, at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE AS $$
SELECT coalesce(max(w.begins), '-infinity')
FROM hotline.collection_window AS w
WHERE w.interface = first_window.of_interface AND w.begins <= first_window.at
$$;

COMMENT ON FUNCTION hotline.first_window IS '某接口中覆盖某一时刻的收集窗口的起点；没有时为 -infinity';

-- Versions that are not at rest, counted every minute: from the index alone, and without those that somebody has dealt with.
DROP INDEX hotline.delivery_attention;
CREATE INDEX delivery_attention ON hotline.delivery (state, interface)
WHERE state IN ('held', 'rejected', 'quarantined');
CREATE INDEX delivery_open ON hotline.delivery (interface, state, taken_in_at)
WHERE state IN ('held', 'rejected', 'quarantined') AND discarded_at IS null;

-- What quality checks read of a window. The order tables had no index on the time by which their rows are chosen.
CREATE INDEX complaint_order_written_at ON hotline.complaint_order (written_at);
CREATE INDEX report_order_written_at ON hotline.report_order (written_at);
CREATE INDEX consultation_order_written_at ON hotline.consultation_order (written_at);
CREATE INDEX seat_login_log_begintime ON hotline.seat_login_log (begintime);

-- Logs by time. Ranges of BRIN widen for good once the place of dropped rows is used again.
DROP INDEX hotline.interaction_log_started_at;
CREATE INDEX interaction_log_started_at ON hotline.interaction_log (started_at);

-- The latest check of each day and kind. Asked for what does not agree, it reads the few checks that did not.
DROP INDEX hotline.count_reconciliation_differing;
CREATE INDEX count_reconciliation_unsettled ON hotline.count_reconciliation (day, kind) WHERE state <> 'agreed';
CREATE OR REPLACE VIEW hotline.reconciliation_state AS
SELECT
    r.row_id,
    r.checked_at,
    r.day,
    r.kind,
    r.docking_count,
    r.delivered_count,
    r.platform_count,
    r.local_count,
    r.explained,
    r.unexplained,
    r.state,
    r.repair
FROM hotline.count_reconciliation AS r
WHERE
    NOT EXISTS (
        SELECT FROM hotline.count_reconciliation AS later
        WHERE later.day = r.day AND later.kind = r.kind AND later.row_id > r.row_id
    );

-- Every version is changed three times and then stands still for years: a share of the table would be months of dead rows, and
-- the small indexes of what waits would hold them all. Cleaned by number of rows, and those indexes each time.
ALTER TABLE hotline.delivery SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, vacuum_index_cleanup = on,
    autovacuum_analyze_scale_factor = 0.02
);
ALTER TABLE hotline.collection_window SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500,
    autovacuum_analyze_scale_factor = 0.05
);
