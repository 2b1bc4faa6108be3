"""A docking store whose server becomes a standby after a failover, and is promoted again: a real one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.docking.create import create_docking
from hotline_bridge.errors import TryAgainLater
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.postgres import remove_postgres, running_postgres
from tests.docking.test_poison_rows import CALLS, call, rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures import Stores


def test_a_standby_is_one_sentence_and_what_is_promoted_is_read(tmp_path: Path, stores: Stores) -> None:
    folder = tmp_path / "docking-server"
    try:
        with running_postgres(folder, durable=False) as server:
            server.create_database("docking")
            create_docking(server.conninfo("docking"), for_trial=True)
            with connect(server.conninfo("docking")) as docking:
                docking.execute(call(1).encode())
        home = folder / "elsewhere" if (folder / "elsewhere").exists() else folder
        (home / "data" / "standby.signal").touch()
        with (
            running_postgres(folder, durable=False) as server,
            connect(server.conninfo("docking")) as docking,
            connect(stores.local) as local,
        ):
            assert rows(docking, "SELECT pg_is_in_recovery()") == [(True,)]
            with pytest.raises(TryAgainLater, match=r"call_log of .* takes no changes: its server is a standby"):
                take_in(docking, local, CALLS)
            assert rows(docking, "SELECT pg_promote()") == [(True,)]
            assert take_in(docking, local, CALLS).rows == 1
    finally:
        remove_postgres(folder)
