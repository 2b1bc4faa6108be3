-- A seat that 12345 does not list (4.2.1). While no seat is known at all, every one is taken for known.

UPDATE version AS v
SET flags = v.flags || ARRAY[%(field)s || ':unknown_seat']
WHERE
    NOT hotline.is_blank(v.fields ->> %(field)s)
    AND EXISTS (
        SELECT 1 FROM hotline.seat AS s
        WHERE s.gone_at IS NULL
    )
    AND NOT EXISTS (
        SELECT 1 FROM hotline.seat AS s
        WHERE s.seatno = v.fields ->> %(field)s AND (s.gone_at IS NULL OR s.gone_at > v.written_at)
    )
