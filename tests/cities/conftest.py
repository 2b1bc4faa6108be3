"""Two cities on one installation: stores, platforms and Tokens of their own, and one environment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from hotline_bridge.cities import ENVIRONMENT, City
from hotline_sandbox.demo.airflow import platform_connection
from hotline_sandbox.server.control import SandboxControl, running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from tests.clean_stores import CleanStore
from tests.cli.conftest import connection
from tests.fixtures import Stores
from tests.sessions import ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.demo.postgres import Server


@dataclass(frozen=True)
class Served:
    """A city, and what it has for itself."""

    city: City
    stores: Stores
    sandbox: SandboxControl
    app_id: str
    token: str

    def connections(self) -> dict[str, str]:
        """By fixed name."""
        return {
            "docking_db": connection(self.stores.docking),
            "local_db": connection(self.stores.local),
            "platform_12315": platform_connection(self.sandbox.base_url, self.app_id, self.token),
        }

    def local(self, query: str, *values: object) -> list[Any]:
        """A statement on its local store."""
        return ask(self.stores.local, query, *values)


@pytest.fixture(scope="session")
def second_platform() -> Iterator[SandboxControl]:
    with running_sandbox(app_id="guangzhou", token="guangzhou-token") as control:
        yield control


@pytest.fixture(scope="session")
def second_docking(postgres: Server, templates: Stores) -> CleanStore:
    return CleanStore(postgres, templates.docking)


@pytest.fixture(scope="session")
def second_local(postgres: Server, templates: Stores) -> CleanStore:
    return CleanStore(postgres, templates.local)


@pytest.fixture
def two_cities(
    monkeypatch: pytest.MonkeyPatch,
    stores: Stores,
    sandbox: SandboxControl,
    second_docking: CleanStore,
    second_local: CleanStore,
    second_platform: SandboxControl,
) -> tuple[Served, Served]:
    """In the environment as a province sets them; no fixed name leads anywhere."""
    second_platform.reset()
    both = (
        Served(City("shaoguan", "韶关"), stores, sandbox, DEFAULT_APP_ID, DEFAULT_TOKEN),
        Served(
            City("guangzhou", "广州"),
            Stores(second_docking.ready(), second_local.ready()),
            second_platform,
            "guangzhou",
            "guangzhou-token",
        ),
    )
    monkeypatch.setenv(ENVIRONMENT, ",".join(f"{one.city.name}={one.city.title}" for one in both))
    for one in both:
        for name, value in one.connections().items():
            monkeypatch.setenv(f"AIRFLOW_CONN_{one.city.named(name).upper()}", value)
    return both
