-- What is asked of the platform, by interface: windows of registration time, those that are late or not whole, and the last
-- answer of the last two days. Columns are read by place.

SELECT -- noqa: ST06
    asked.interface,
    (
        SELECT count(*) FROM hotline.collection_window AS w
        WHERE w.interface = asked.interface
    ) AS windows,
    (
        SELECT count(*) FROM hotline.collection_window AS w
        WHERE w.interface = asked.interface AND w.due_at <= now()
    ) AS due,
    (
        SELECT count(*) FROM hotline.collection_window AS w
        WHERE w.interface = asked.interface AND w.due_because = 'failed'
    ) AS failed,
    (
        SELECT count(*) FROM hotline.unaccepted AS u
        WHERE u.subject = asked.interface AND u.unexplained IS NULL
    ) AS incomplete,
    (
        SELECT max(l.started_at) FROM hotline.interaction_log AS l
        WHERE
            l.interface = asked.interface
            AND l.outcome IN ('delivered', 'duplicate')
            AND l.started_at > now() - interval '2 days'
    ) AS answered_at
FROM unnest(%(interfaces)s::text []) WITH ORDINALITY AS asked (interface, place)
ORDER BY asked.place
