"""A quality check of the logs as Airflow's tasks make it, in a process of its own, with everything said at DEBUG."""

from __future__ import annotations

import logging
import sys
import traceback

from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.tasks import quality
from tests.quality.typed_rows import TELEPHONY, only

if __name__ == "__main__":
    conninfo("local_db")  # Airflow sets up logging of its own when it is first asked for a connection
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, force=True)
    for name in (None, *logging.root.manager.loggerDict):
        if name is None or not name.startswith("sqlalchemy"):  # which shows rows then
            logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        with only(TELEPHONY):
            checked_at = quality.check(*sys.argv[1:3])
        found = [quality.findings(checked_at, severity) for severity in ("error", "warning")]
        sys.stdout.write(f"{quality.write_page(checked_at)} {found} {quality.read(checked_at)}\n")
    except Exception as error:
        sys.stdout.write(f"{error!r} {error}\n")
        traceback.print_exc()
