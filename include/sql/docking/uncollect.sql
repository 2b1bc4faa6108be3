-- One function for all tables that 12345 writes: a row whose content changes is to be collected again.
-- The bridge marks what it has collected by collected_at alone, which is no change of content.

CREATE OR REPLACE FUNCTION docking.uncollect() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    time_kept boolean := new.written_at IS NULL OR new.written_at = old.written_at;
BEGIN
    -- Both rows with the same marks: what differs now is content. Comparing rows by their bytes (*<>) asks no operator
    -- of the column types, and costs a tenth of comparing them as jsonb.
    old.written_at := new.written_at;
    old.collected_at := new.collected_at;
    IF new *<> old THEN
        new.collected_at := NULL;
        IF time_kept THEN
            new.written_at := clock_timestamp();
        END IF;
    END IF;
    RETURN new;
END
$$;

COMMENT ON FUNCTION docking.uncollect() IS '12345 更改内容后，清空 collected_at，使该行重新采集';
