"""The stores of the shared fixtures under the names that these tests use."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_sandbox.demo.postgres import Server
    from tests.fixtures import Stores


@pytest.fixture
def docking(stores: Stores) -> str:
    """Connection string of an empty docking store."""
    return stores.docking


@pytest.fixture
def empty_database(postgres: Server) -> Iterator[str]:
    """Connection string of a database without any table."""
    name = f"sample_{uuid4().hex[:12]}"
    postgres.create_database(name)
    yield postgres.conninfo(name)
    postgres.drop_database(name)
