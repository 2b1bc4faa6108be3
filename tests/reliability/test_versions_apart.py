"""New code on an old schema, and old code on a new one: nothing is lost, and one sentence says what to do (F37)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hotline_bridge.errors import HotlineError
from hotline_bridge.store.migrate import downgrade_local, migrate_local
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge


@pytest.mark.parametrize("revision", ["0001_initial", "0003_satisfied"])
def test_a_store_of_another_revision_loses_nothing(bridge: Bridge, revision: str) -> None:
    """New code on an old schema: what it can do without `hotline migrate` it does right, and the rest waits for it."""
    bridge.write(call(1), call(2))
    bridge.run()
    downgrade_local(bridge.stores.local, revision)
    bridge.write(call(3))
    bridge.docking("UPDATE docking.call_log SET callno = '222' WHERE callid = %s", call(1)["callid"])
    try:
        bridge.run()
    except HotlineError as error:
        assert "hotline migrate" in str(error)
        assert bridge.docking("SELECT count(*) FROM docking.call_log WHERE collected_at IS NULL") == [(2,)]
    migrate_local(bridge.stores.local)
    bridge.time_passes()
    bridge.run()
    assert bridge.states() == {"delivered": 4}
    assert len(bridge.accepted()) == 4
    assert bridge.status()[0].adds_up


def test_a_column_that_a_newer_release_added_is_no_matter(bridge: Bridge) -> None:
    """Old code on a new schema, as migrations leave it: they add, with defaults, what old code does not name."""
    bridge.write(call(1))
    bridge.run()
    for table in ("delivery", "call_log", "call_log_history", "interaction_log", "landing", "collection_window"):
        bridge.local(f"ALTER TABLE hotline.{table} ADD COLUMN of_a_newer_release text NOT NULL DEFAULT 'x'")
    bridge.docking("UPDATE docking.call_log SET callno = '222'")
    bridge.write(call(2))
    bridge.run()
    assert bridge.states() == {"delivered": 3}
    assert bridge.status()[0].adds_up
