"""The stores that publishing reads and writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.store.database import connect
from tests.publish.publish_bridge import PublishBridge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fixtures import Stores


@pytest.fixture
def bridge(stores: Stores) -> Iterator[PublishBridge]:
    with connect(stores.docking) as docking, connect(stores.local) as local:
        yield PublishBridge(docking, local)
