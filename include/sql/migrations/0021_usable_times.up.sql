-- Times that 12345 wrote and that cannot be used (none, of no year that anybody works in, still to come) are read in one place.

-- Whether a row can have been written then: not before 2000, and not after it is read.
CREATE FUNCTION hotline.is_usable(moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(moment >= '2000-01-01 00:00:00+08' AND moment <= now(), false);

COMMENT ON FUNCTION hotline.is_usable(timestamptz) IS '来源行的时间能否使用：不早于 2000 年，不晚于现在';

-- When a row counts as written. Without a usable time: when it was collected first, which for a new row is now.
CREATE FUNCTION hotline.written_moment(written_at timestamptz, collected_at timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN hotline.is_usable(written_at) THEN written_at
    WHEN hotline.is_usable(collected_at) THEN collected_at
    ELSE now()
END;

COMMENT ON FUNCTION hotline.written_moment(timestamptz, timestamptz) IS '来源行按何时写入计：时间不能使用的按首次采集的时间，新行即现在';

-- What was kept before with such a time, among them -infinity, which no program could read; in the order in which it came.
UPDATE hotline.order_supplement SET written_at = taken_in_at
WHERE NOT hotline.is_usable(written_at);
UPDATE hotline.order_urge SET written_at = taken_in_at
WHERE NOT hotline.is_usable(written_at);
UPDATE hotline.order_deadline SET written_at = loaded_at + (row_id % 1000000) * interval '1 microsecond'
WHERE NOT hotline.is_usable(written_at);
