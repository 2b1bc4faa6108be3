-- What all months of `fill_years` share: chance that comes out alike for a seed, whatever the order of rows; and how many
-- calls each hour brings.

CREATE FUNCTION pg_temp.u(n bigint, k integer) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (hashint8extended(n, %(seed)s * 1000 + k) & 9007199254740991)::double precision / 9007199254740992;

CREATE FUNCTION pg_temp.lognormal(n bigint, k integer, median double precision, spread double precision)
RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN median * exp(spread * sqrt(-2 * ln(greatest(pg_temp.u(n, k), 1e-12))) * cos(2 * pi() * pg_temp.u(n, k + 500)));

CREATE FUNCTION pg_temp.pick(n bigint, k integer, among text []) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN among[1 + floor(pg_temp.u(n, k) * cardinality(among))::integer];

CREATE FUNCTION pg_temp.seconds(s double precision) RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN floor(s) * interval '1 second';

CREATE TEMPORARY TABLE made_day AS
SELECT
    d.day::date AS day,
    coalesce(c.is_workday, extract(ISODOW FROM d.day) < 6) AS is_workday,
    c.name AS holiday
FROM generate_series(%(begin)s::date - 5, %(end)s::date - 1, interval '1 day') AS d (day)
LEFT JOIN hotline.calendar_day AS c ON d.day = c.day;

CREATE TEMPORARY TABLE made_hour AS
WITH busy AS (
    SELECT
        d.day,
        d.is_workday,
        clock.hour,
        h.calls AS hourly,
        h.calls
        * CASE
            WHEN d.is_workday THEN least((%(week)s::float8 [])[extract(ISODOW FROM d.day)::integer] + 0.3, 1.2)
            WHEN d.holiday IS NOT NULL AND d.holiday !~ '上班' THEN 0.35
            ELSE (%(week)s::float8 [])[extract(ISODOW FROM d.day)::integer]
        END
        -- After three days off and more comes a rush, of which something is left on the second day.
        * CASE
            WHEN d.is_workday AND count(*) FILTER (WHERE NOT d.is_workday) OVER three_before = 3 THEN 1.5
            WHEN d.is_workday AND count(*) FILTER (WHERE NOT d.is_workday) OVER before_that = 3 THEN 1.2
            ELSE 1
        END
        -- The hotline is better known every year.
        * (1 + 0.06 * (d.day - %(begin)s::date) / 365.0) AS weight
    FROM made_day AS d
    CROSS JOIN unnest(%(hourly)s::integer []) WITH ORDINALITY AS h (calls, number)
    CROSS JOIN LATERAL (SELECT h.number::integer - 1 AS hour) AS clock (hour)
    WINDOW
        three_before AS (PARTITION BY clock.hour ORDER BY d.day ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING),
        before_that AS (PARTITION BY clock.hour ORDER BY d.day ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING)
),

summed AS (
    SELECT
        b.*,
        sum(b.weight) OVER (ORDER BY b.day, b.hour) / sum(b.weight) OVER () AS share
    FROM busy AS b
    WHERE b.day >= %(begin)s::date
)

SELECT
    s.day,
    s.hour,
    s.is_workday,
    s.hourly,
    s.day::timestamptz + s.hour * interval '1 hour' AS begins,
    coalesce(lag(round(s.share * %(calls)s)) OVER (ORDER BY s.day, s.hour), 0)::bigint AS first,
    (round(s.share * %(calls)s) - coalesce(lag(round(s.share * %(calls)s)) OVER (ORDER BY s.day, s.hour), 0))::bigint AS calls
FROM summed AS s;

CREATE TEMPORARY TABLE made_person (n integer PRIMARY KEY, name text NOT NULL);
CREATE TEMPORARY TABLE made_company (n integer PRIMARY KEY, name text NOT NULL, credit_code text);

-- Seats sit in three shifts, of which the day's is the largest.
CREATE TEMPORARY TABLE made_shift AS
SELECT
    s.shift,
    s.seats,
    sum(s.seats) OVER (ORDER BY s.shift) - s.seats AS base
FROM (
    SELECT
        n AS shift,
        greatest(1, round((ARRAY[0.12, 0.58, 0.30])[n + 1] * %(seats)s))::integer AS seats
    FROM generate_series(0, 2) AS n
) AS s;

CREATE TEMPORARY TABLE made_seat AS
SELECT
    n AS place,
    (801 + n)::text AS seatno,
    (%(areas)s::text [])[1 + n %% least(4, cardinality(%(areas)s::text []))] AS area,
    (SELECT p.name FROM unnest(%(people)s::text []) WITH ORDINALITY AS p (name, number) WHERE p.number = n + 1) AS name
FROM (SELECT generate_series(0, sum(seats)::integer - 1) AS n FROM made_shift) AS s;

INSERT INTO hotline.seat (seatno, seatname, sourcearea, unitcode, enabled, content_hash, since)
SELECT
    seatno,
    name,
    area,
    '1' || area || '00',
    '1',
    sha256(convert_to(seatno, 'UTF8')),
    %(begin)s::date
FROM made_seat
ON CONFLICT DO NOTHING;

CREATE TEMPORARY TABLE made_call (
    n bigint,
    callid text,
    callno text,
    caller bigint,
    area text,
    calltype text,
    called_at timestamptz,
    queued_at timestamptz,
    rang_at timestamptz,
    answered_at timestamptz,
    ended_at timestamptz,
    seatno text,
    recordid text,
    recordname text,
    written_at timestamptz
);

CREATE TEMPORARY TABLE made_order (
    n bigint PRIMARY KEY,
    kind text NOT NULL,
    is_network boolean NOT NULL,
    area text NOT NULL,
    handling_unit text NOT NULL,
    officer text NOT NULL,
    officer_tel text NOT NULL,
    written_at timestamptz NOT NULL,
    taken_in_at timestamptz NOT NULL,
    reported_at timestamptz NOT NULL,
    collected_at timestamptz NOT NULL,
    answered_at timestamptz,
    returned_at timestamptz,
    content_hash bytea NOT NULL,
    -- Columns of the tables of orders and cases, under their own names.
    regino text NOT NULL,
    reginfotype text,
    appltype text,
    workerno text,
    complacontent text,
    disputetime timestamptz,
    applcontent text,
    receivemode text,
    regunitcode text,
    accepregname text,
    registime timestamptz,
    telnumber text,
    recordname text,
    salesway text,
    goodsname text,
    brandname text,
    consumamount numeric,
    invopart text,
    entitytype text,
    invoptaddr text,
    invopttel text,
    creditcode text,
    proname text,
    proaddr text,
    protel text,
    prosex text,
    proagegroup text,
    procertype text,
    procerno text,
    goodsobtype text,
    goodsobtypename text,
    consulrange text,
    consulrangename text,
    keywordname text,
    replyonsite text,
    replycontent text
);

-- An identity number with its check character; of a caller always the same.
CREATE FUNCTION pg_temp.identity_number(caller bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT
        plain.digits
        || substr('10X98765432', 1 + sum(substr(plain.digits, w.place::integer, 1)::integer * w.weight)::integer %% 11, 1)
    FROM (
        SELECT
            pg_temp.pick(caller, 41, %(areas)s)
            || to_char(date '1945-01-01' + floor(pg_temp.u(caller, 42) * 22000)::integer, 'YYYYMMDD')
            || lpad(floor(1 + pg_temp.u(caller, 43) * 998)::text, 3, '0') AS digits
    ) AS plain
    CROSS JOIN unnest('{7,9,10,5,8,4,2,1,6,3,7,9,10,5,8,4,2}'::integer []) WITH ORDINALITY AS w (weight, place)
    GROUP BY plain.digits
);
