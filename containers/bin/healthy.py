#!/usr/bin/env python3
"""Health check over HTTP: ends with 0 where the address answers 200, and says what is wrong where it does not.

Airflow's API server answers 200 also while its database is away; its own words decide then.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from urllib.request import ProxyHandler, build_opener

_TIMEOUT_S = 8.0


def main(address: str) -> None:
    """Look at one address of this container."""
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


if __name__ == "__main__":
    main(sys.argv[1])
