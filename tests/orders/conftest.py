"""The bridge over the three kinds of order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from tests.orders.order_bridge import AUDITED, OrderBridge

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


@pytest.fixture
def orders(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> OrderBridge:
    """Complaints, reports and consultations."""
    return OrderBridge(stores, platform, sandbox, interfaces_of("order"))


@pytest.fixture
def audited(orders: OrderBridge) -> OrderBridge:
    """The same where the local bureau decides before a version is sent."""
    return replace(orders, policy=AUDITED)
