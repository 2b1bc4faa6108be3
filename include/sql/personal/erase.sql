-- name: known
-- The numbers in their one spelling, and their keys. Numbers that are none are left out.

SELECT
    array(
        SELECT DISTINCT hotline.normal_phone(p.number)
        FROM unnest(%(phones)s::text []) AS p (number)
        WHERE hotline.normal_phone(p.number) IS NOT NULL
    ),
    array(
        SELECT DISTINCT hotline.normal_identity(i.number)
        FROM unnest(%(identities)s::text []) AS i (number)
        WHERE hotline.normal_identity(i.number) IS NOT NULL
    ),
    array(
        SELECT DISTINCT hotline.person_key(p.number)
        FROM unnest(%(phones)s::text []) AS p (number)
        WHERE hotline.normal_phone(p.number) IS NOT NULL
    ),
    array(
        SELECT DISTINCT hotline.identity_key(i.number)
        FROM unnest(%(identities)s::text []) AS i (number)
        WHERE hotline.normal_identity(i.number) IS NOT NULL
    );

-- name: find_typed
-- Records of these persons in one table that keeps keys: by them, and by numbers in columns that feed no key.

SELECT
    {record},
    t.person_key,
    {identity_key}
FROM {table} AS t
WHERE
    {record} IS NOT NULL
    AND (
        t.person_key = any(%(person_keys)s::text [])
        OR {identity_key} = any(%(identity_keys)s::text [])
        OR {other_phones}
    );

-- name: find_held_back
-- Records that a row rule holds back: their numbers stand in the body alone.

SELECT DISTINCT d.key
FROM hotline.delivery AS d
CROSS JOIN LATERAL json_each_text(convert_from(d.body, 'UTF8')::json) AS member
WHERE
    d.interface = %(interface)s
    AND d.state = 'quarantined'
    AND d.key <> ''
    AND d.body IS NOT NULL
    AND (
        (
            member.key = any(%(phone_fields)s::text []) -- noqa: RF02
            AND hotline.normal_phone(member.value) = any(%(phones)s::text []) -- noqa: RF02
        )
        OR (
            member.key = %(identity_field)s -- noqa: RF02
            AND hotline.normal_identity(member.value) = any(%(identities)s::text []) -- noqa: RF02
        )
    );

-- name: find_answers
-- Orders of which a row of an answer is held back that holds one of the numbers.

SELECT DISTINCT q.key
FROM hotline.quarantined_answer AS q
WHERE
    q.key <> ''
    AND EXISTS (
        SELECT FROM unnest(%(numbers)s::text []) AS n (number)
        WHERE position(convert_to(n.number, 'UTF8') IN q.raw) > 0
    );

-- name: recordings
-- Recordings of calls: their versions have a key of their own.

SELECT r.recordid FROM hotline.recording_log AS r
WHERE r.callid = any(%(calls)s::text []) AND r.recordid IS NOT NULL
UNION
SELECT h.recordid FROM hotline.recording_log_history AS h
WHERE h.callid = any(%(calls)s::text []) AND h.recordid IS NOT NULL;

-- name: unsettled
-- Versions of these records that the platform has not got yet and nobody gave up, or that are in flight.

SELECT count(*)
FROM hotline.delivery AS d
WHERE
    d.interface = any(%(interfaces)s::text [])
    AND d.key = any(%(versions)s::text [])
    AND (
        d.claimed_until IS NOT NULL
        OR d.resend = 'due'
        OR (d.state IN ('waiting', 'held', 'rejected') AND d.discarded_at IS NULL)
    );

-- name: names
SELECT coalesce(array_agg(DISTINCT p.value), '{{}}')
FROM hotline.order_person AS p
WHERE p.regino = any(%(orders)s::text []) AND p.value IS NOT NULL;

-- name: remember
INSERT INTO hotline.erased_record (kind, key, person_key, identity_key)
SELECT
    r.kind,
    r.key,
    r.person_key,
    r.identity_key
FROM json_to_recordset(%(records)s::json) AS r (kind text, key text, person_key text, identity_key text)
ON CONFLICT DO NOTHING;

-- name: versions
-- Bodies go, their SHA-256 stays; what broke a rule and nobody decided on is given up.

UPDATE hotline.delivery AS d
SET
    body = NULL,
    message = hotline.erased_text(d.message),
    discarded_at = CASE WHEN d.state = 'quarantined' THEN coalesce(d.discarded_at, now()) ELSE d.discarded_at END
WHERE
    d.interface = any(%(interfaces)s::text [])
    AND d.key = any(%(versions)s::text [])
    AND (d.body IS NOT NULL OR d.message IS NOT NULL);

-- name: exchanges
-- What the platform said of their records.

UPDATE hotline.interaction_log AS l
SET message = hotline.erased_text(l.message)
WHERE l.interface = any(%(interfaces)s::text []) AND l.key = any(%(versions)s::text []) AND l.message IS NOT NULL;

-- name: other_versions
-- Bodies of other records that hold a number, once nothing sends them any more; those without key among them.

UPDATE hotline.delivery AS d
SET
    body = NULL,
    discarded_at = CASE WHEN d.state = 'quarantined' THEN coalesce(d.discarded_at, now()) ELSE d.discarded_at END
WHERE
    d.body IS NOT NULL
    AND d.claimed_until IS NULL
    AND d.resend IS DISTINCT FROM 'due'
    AND (d.state IN ('delivered', 'superseded', 'quarantined') OR d.discarded_at IS NOT NULL)
    AND EXISTS (
        SELECT FROM unnest(%(numbers)s::text []) AS n (number)
        WHERE position(convert_to(n.number, 'UTF8') IN d.body) > 0
    );

-- name: sources
-- The trigger on this table empties what is personal.

UPDATE hotline.order_source AS s
SET written_at = s.written_at
WHERE s.key = any(%(orders)s::text []);

-- name: answers
-- Whole answers that hold one of the orders or numbers; their SHA-256 stays, so that the same bytes are not kept again.

UPDATE hotline.landing AS l
SET answer = ''
WHERE
    l.answer <> ''
    AND EXISTS (
        SELECT FROM unnest(%(orders)s::text [] || %(numbers)s::text []) AS n (number)
        WHERE position(convert_to(n.number, 'UTF8') IN l.answer) > 0
    );

-- name: held_back_answers
UPDATE hotline.quarantined_answer AS q
SET raw = '{{}}', state = CASE q.state WHEN 'open' THEN 'discarded' ELSE q.state END
WHERE
    q.raw <> '{{}}'
    AND (
        q.key = any(%(orders)s::text [])
        OR EXISTS (
            SELECT FROM unnest(%(numbers)s::text []) AS n (number)
            WHERE position(convert_to(n.number, 'UTF8') IN q.raw) > 0
        )
    );

-- name: notes
UPDATE hotline.quarantined_note AS q
SET body = '{{}}', state = CASE q.state WHEN 'open' THEN 'discarded' ELSE q.state END
WHERE
    q.body <> '{{}}'
    AND (
        q.regino = any(%(orders)s::text [])
        OR EXISTS (
            SELECT FROM unnest(%(numbers)s::text []) AS n (number)
            WHERE position(n.number IN q.body) > 0
        )
    );

-- name: supplements
UPDATE hotline.order_supplement AS s
SET content = hotline.erased_text(s.content)
WHERE s.regino = any(%(orders)s::text []);

-- name: urges
UPDATE hotline.order_urge AS u
SET urger = hotline.erased_text(u.urger), remark = hotline.erased_text(u.remark)
WHERE u.regino = any(%(orders)s::text []);

-- name: completions
-- Values of personal fields end, so that none is laid over the order again.

UPDATE hotline.order_completion AS c
SET
    value = CASE WHEN c.field = any(%(personal_fields)s::text []) THEN hotline.erased_text(c.value) ELSE c.value END,
    reason = hotline.scrub_text(c.reason, %(names)s::text []),
    ended_by = CASE
        WHEN c.field = any(%(personal_fields)s::text []) AND c.ended_at IS NULL THEN %(actor)s ELSE c.ended_by
    END,
    ended_at = CASE
        WHEN c.field = any(%(personal_fields)s::text []) THEN coalesce(c.ended_at, now()) ELSE c.ended_at
    END
WHERE c.regino = any(%(orders)s::text []);

-- name: facts
-- What analysts see of the person follows at once, everything else with the next refresh, which counts the days anew.

UPDATE hotline.order_fact AS f
SET
    record_name = c.record_name,
    person_key = c.person_key,
    identity_key = c.identity_key,
    person_name_masked = c.person_name_masked,
    person_phone_masked = c.person_phone_masked,
    person_address_masked = c.person_address_masked
FROM hotline.order_facts(%(orders)s::text []) AS c
WHERE f.regino = c.regino AND f.kind = c.kind;

-- name: audits
UPDATE hotline.order_audit AS a
SET reason = hotline.scrub_text(a.reason, %(names)s::text [])
WHERE a.regino = any(%(orders)s::text []) AND a.reason IS NOT NULL;

-- name: actions
UPDATE hotline.operator_action AS a
SET reason = hotline.scrub_text(a.reason, %(names)s::text [])
WHERE a.key = any(%(orders)s::text [] || %(calls)s::text []) AND a.reason IS NOT NULL;

-- name: number_in_texts
-- Where else a number stands in words, digits apart or not.

UPDATE {table} AS t
SET {changed} = regexp_replace(t.{changed}, %(pattern)s, '***', 'g')
WHERE t.{changed} ~ %(pattern)s;

-- name: number_in_phones
-- Where else it stands as a number: of a company's contact, of staff.

UPDATE {table} AS t
SET {changed} = hotline.erased_text(t.{changed})
WHERE {may_hold} AND hotline.normal_phone(t.{changed}) = any(%(phones)s::text []);

-- name: also_theirs
-- Orders with the same identity number that were not asked for, since another number was given there.

SELECT count(DISTINCT {record})
FROM {table} AS t
WHERE t.identity_key = any(%(identity_keys)s::text []) AND NOT {record} = any(%(orders)s::text []);

-- name: tables
SELECT c.relname FROM pg_class AS c
WHERE c.relnamespace = to_regnamespace('hotline') AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname;

-- name: log
INSERT INTO hotline.operator_action (actor, action, interface, key, state_before, state_after, reason)
SELECT
    %(actor)s,
    'erase',
    'person',
    of_person.keyed,
    'stored',
    'erased',
    %(reason)s
FROM unnest(%(person_hashes)s::text []) AS of_person (keyed);
