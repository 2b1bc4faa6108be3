"""After the local store was restored from a backup: what it does not know is found out again before anything is sent.

The backup is of a moment, the docking store and the platform are of now. What was taken in since is marked as
collected and would never be read again; what waited then may have been sent, and a newer content after it; what was
drained is acknowledged. `docs/runbooks/restore-from-backup.md` is the page for people, ADR 30 says why.
"""
