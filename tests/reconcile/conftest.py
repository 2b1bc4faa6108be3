"""A city in fresh stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.contract.reader import interfaces_of
from tests.reconcile.city import City

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores


@pytest.fixture
def city(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> City:
    """No order yet."""
    return City(stores, platform, sandbox, interfaces_of("order"))
