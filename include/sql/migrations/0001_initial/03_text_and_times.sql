-- How text and times of others are read. PostgreSQL's own reading is not asked: it takes 'now', rolls 24:00:00 and 23:59:60
-- over, and drops zones (architecture: times are read by us).

-- What Python's str.strip() takes for white space, so that both sides of the protocol agree on "blank".
CREATE FUNCTION hotline.is_blank(value text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN value IS null OR btrim(
    value,
    E' \t\n\r\u000b\f\u001c\u001d\u001e\u001f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005'
    '\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'
) = '';

-- Fourteen ASCII digits YYYYMMDDhhmmss, Asia/Shanghai; NULL when that is no moment of the calendar.
CREATE FUNCTION hotline.wire_digits(value text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN value !~ '^[0-9]{4}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$' THEN null
    WHEN left(value, 4) = '0000' THEN null
    WHEN
        substr(value, 7, 2)::integer > extract(
            DAY FROM make_date(left(value, 4)::integer, substr(value, 5, 2)::integer, 1) + interval '1 month - 1 day'
        )
        THEN null
    ELSE make_timestamptz(
        left(value, 4)::integer, substr(value, 5, 2)::integer, substr(value, 7, 2)::integer,
        substr(value, 9, 2)::integer, substr(value, 11, 2)::integer, substr(value, 13, 2)::double precision,
        'Asia/Shanghai'
    )
END;

-- A time as the platform writes it: YYYYMMDDhhmmss, or yyyy-MM-dd HH:mm:ss as in the printed examples.
CREATE FUNCTION hotline.wire_time(value text) RETURNS timestamptz
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$'
        THEN hotline.wire_digits(translate(value, '- :', ''))
    ELSE hotline.wire_digits(value)
END;

-- Whether 12345 can have written a row then: not before 2000, and not after it is read.
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
