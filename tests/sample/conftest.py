"""A docking store of its own for each test that asks for one, on one server for the folder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from hotline_bridge.demo.postgres import Server, remove_postgres, running_postgres
from hotline_bridge.docking.create import create_docking

if TYPE_CHECKING:
    from collections.abc import Iterator

# `bench` is beside the package, not in it: only `python -m` finds it by itself.
sys.path.insert(0, str(Path(__file__).parents[2]))


@pytest.fixture(scope="session")
def sample_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("postgres")
    with running_postgres(folder, durable=False) as server:
        yield server
    remove_postgres(folder)


@pytest.fixture
def empty_database(sample_server: Server) -> Iterator[str]:
    """Connection string of a database without any table."""
    name = f"sample_{uuid4().hex[:12]}"
    sample_server.create_database(name)
    yield sample_server.conninfo(name)
    sample_server.drop_database(name)


@pytest.fixture
def docking(empty_database: str) -> str:
    """Connection string of an empty docking store."""
    create_docking(empty_database)
    return empty_database
