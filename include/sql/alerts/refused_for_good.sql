-- Refused versions whose week is over, and that nobody discarded: nothing happens to them by itself. The last column is when
-- the newest of them was given up: only what came after the last message is worth another.

SELECT
    d.interface AS subject,
    min(d.settled_at) AS since,
    count(*) AS count,
    max(d.settled_at) AS newest
FROM hotline.delivery AS d
WHERE d.state = 'rejected' AND d.next_attempt_at IS null AND d.discarded_at IS null
GROUP BY d.interface
