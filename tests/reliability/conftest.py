"""The bridge over the shared fixtures: as for the reports, and what is collected as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.inbound.inbound_bridge import Inbound
from tests.outbound.conftest import all_logs, bridge

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

__all__ = ["all_logs", "bridge", "inbound"]


@pytest.fixture
def inbound(stores: Stores, platform: PlatformSettings, sandbox: SandboxControl) -> Inbound:
    """Complaints alone."""
    return Inbound(stores, platform, sandbox)
