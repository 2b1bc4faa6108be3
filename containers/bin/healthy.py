#!/usr/bin/env python3
"""Health check: ends with 0 where all is well, and says what is wrong where it is not.

    healthy http://127.0.0.1:8080/ready          the address answers 200
    with-secrets healthy TriggererJob            Airflow's job of this container has been heard of lately

Airflow's API server answers 200 also while its database is away; its own words decide then. For a job, `airflow jobs
check` asks the same of the database, and loads Airflow for it: seconds of a core each minute, and more than its time on
a busy machine.
"""

from __future__ import annotations

import json
import os
import socket
import sys
from contextlib import suppress
from urllib.request import ProxyHandler, build_opener

_TIMEOUT_S = 8.0
_ALIVE = (
    "SELECT count(*) FROM job WHERE job_type = %s AND state = 'running' AND split_part(hostname, '.', 1) = %s"
    " AND latest_heartbeat > now() - interval '30 seconds'"
)
"""Airflow's own bound of scheduler, triggerer and DAG processor."""


def main(what: str) -> None:
    """Look at one address, or at one job, of this container."""
    look = look_at_address if "://" in what else look_for_job
    look(what)


def look_at_address(address: str) -> None:
    """Ask it."""
    # No proxy of the environment stands between a container and itself.
    try:
        with build_opener(ProxyHandler({})).open(address, timeout=_TIMEOUT_S) as answer:
            body = answer.read()
    except OSError as error:  # urllib's errors are some, refusals by status among them
        sys.exit(f"{address}: {error}")
    with suppress(ValueError):
        said = json.loads(body)
        database = said.get("metadatabase") if isinstance(said, dict) else None
        if isinstance(database, dict) and database.get("status") != "healthy":
            sys.exit(f"{address}: the metadata database is {database.get('status')}")


def look_for_job(kind: str) -> None:
    """Ask Airflow's database for its heartbeat."""
    import psycopg  # noqa: PLC0415  (half a second that the other check does not need)

    database = os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg", "", 1)
    host = socket.gethostname().split(".")[0]
    try:
        # Behind a pooler nothing may be prepared.
        with psycopg.connect(database, connect_timeout=int(_TIMEOUT_S), prepare_threshold=None) as session:
            alive = session.execute(_ALIVE, [kind, host]).fetchone()
    except psycopg.Error as error:
        sys.exit(f"{kind}: Airflow's database does not answer ({type(error).__name__})")
    if alive == (0,):
        sys.exit(f"{kind}: No alive jobs found on {host}")


if __name__ == "__main__":
    main(sys.argv[1])
