-- Who holds locks on tables of the bridge in this database now, the longest transaction first: a lock that was waited for
-- in vain is mostly still held. table: only this one's, without schema; NULL for any.

SELECT
    a.pid,
    a.usename,
    string_agg(DISTINCT n.nspname || '.' || c.relname, ', ') AS relations,
    extract(EPOCH FROM clock_timestamp() - min(a.xact_start))::integer AS seconds
FROM pg_locks AS l
INNER JOIN pg_stat_activity AS a ON l.pid = a.pid
INNER JOIN pg_class AS c ON l.relation = c.oid
INNER JOIN pg_namespace AS n ON c.relnamespace = n.oid
WHERE
    l.granted
    AND a.datname = current_database()
    AND l.mode <> 'AccessShareLock'
    AND n.nspname IN ('hotline', 'docking')
    AND a.pid <> pg_backend_pid()
    AND c.relkind IN ('r', 'p', 'v')
    AND c.relname = coalesce(%(table)s, c.relname) -- noqa: RF02
GROUP BY a.pid, a.usename
ORDER BY seconds DESC NULLS LAST
LIMIT %(most)s
