"""A run as Airflow's tasks make it, in a process of its own, with everything said at DEBUG: what does it let out?"""

from __future__ import annotations

import logging
import sys
import traceback

from hotline_bridge.outbound import deliver
from hotline_bridge.tasks import outbound

INTERFACES = ["callinfo", "recordinfo", "seatsignin", "satisfaction"]

if __name__ == "__main__":
    deliver.QUEUEING_S, deliver.WRITE_AGAIN_S = 1.0, 0.1  # a store that stays broken is not waited for
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, force=True)
    for name in (None, *logging.root.manager.loggerDict):
        if name is None or not name.startswith("sqlalchemy"):  # which shows rows then
            logging.getLogger(name).setLevel(logging.DEBUG)
    taken_in: outbound.Counts = {}
    delivered: outbound.Counts = {}
    for step in ("take_in", "deliver", "summarise"):
        try:
            if step == "take_in":
                taken_in = outbound.take_in(INTERFACES)
            elif step == "deliver":
                delivered = outbound.deliver(INTERFACES)
            else:
                outbound.summarise("telephony_report", taken_in, delivered)
        except Exception as error:
            sys.stdout.write(f"{error!r} {error}\n")
            traceback.print_exc()
    sys.stdout.write(f"{taken_in} {delivered}\n")
