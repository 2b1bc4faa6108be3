"""Tells that the local store is down, which the store cannot remember: a file a day and notifier does."""

from __future__ import annotations

import logging
import os
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hotline_bridge.alerts.conditions import STORE_DOWN, Case
from hotline_bridge.alerts.notifiers import in_time
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.errors import HotlineError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.alerts.notifiers import Notifier

log = logging.getLogger(__name__)


def tell_store_down(notifiers: Sequence[Notifier]) -> None:
    """Tell each notifier once a day, from this machine and account; one that fails is told by the next watch."""
    now = datetime.now(SHANGHAI)
    for notifier in notifiers:
        told = _folder() / f"{STORE_DOWN}-{now:%Y-%m-%d}-{notifier.name}"
        try:
            told.parent.mkdir(mode=0o700, exist_ok=True)
            told.touch(exist_ok=False)  # of two watches at once one makes the file
        except FileExistsError:
            continue
        except OSError as error:
            log.warning("%s cannot be written (%s): the alert may come again", told, error.strerror)
        try:
            taken = in_time(notifier, [Case(STORE_DOWN, "local_db", now, 1)])
        except HotlineError as error:
            log.warning("nobody was told by %s that the local store is down: %s", notifier.name, error)
            taken = ()
        except BaseException:
            told.unlink(missing_ok=True)
            raise
        if not taken:
            told.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(tempfile.gettempdir()) / f"hotline-alerts-{os.getuid()}"
