"""The checker over the stores and the platform of a test, at the end of a run with faults."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING

from hotline_bridge.store.database import connect
from hotline_sandbox.checker import check

if TYPE_CHECKING:
    from hotline_sandbox.checker import Breach
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


def breaches(stores: Stores, sandbox: SandboxControl, said: str = "") -> list[Breach]:
    """What of I1 to I8 is broken; without the docking store where a test has none."""
    with connect(stores.docking) if stores.docking else nullcontext() as docking, connect(stores.local) as local:
        return check(sandbox.history(), docking, local, said=said)
