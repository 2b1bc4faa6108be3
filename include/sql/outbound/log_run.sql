-- Proof that a flow ran, and what it did, interface by interface.

INSERT INTO hotline.run_log (dag, subject, taken_in, quarantined, delivered)
SELECT
    %(dag)s,
    done.subject,
    done.taken_in,
    done.quarantined,
    done.delivered
FROM unnest(%(subjects)s::text [], %(taken_in)s::integer [], %(quarantined)s::integer [], %(delivered)s::integer [])
    AS done (subject, taken_in, quarantined, delivered)
