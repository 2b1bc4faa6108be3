"""What `make demo` says of a collection: whole when it is, and which interface is not when a row is missing."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import uvloop

from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.feedback import drain
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.store.database import connect
from hotline_sandbox.demo.collected import as_table, make_world, not_whole, read_collected, still_waiting
from hotline_sandbox.sample.traffic import SHANGHAI

if TYPE_CHECKING:
    from pathlib import Path

    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

DAYS = 40


def test_a_world_is_collected_whole_and_a_missing_row_is_told(
    stores: Stores, platform: PlatformSettings, sandbox: SandboxControl, tmp_path: Path
) -> None:
    file = tmp_path / "world.jsonl"
    begin = make_world(sandbox, file, cases=4_000, days=DAYS, dirty=0.03, seed=7)
    sandbox.world.set_clock(datetime.now(SHANGHAI))
    queries = [interface for interface in contract().values() if interface.kind == "query"]
    drains = [interface for interface in interfaces_of("feedback") if interface.kind == "drain"]

    assert len(list(still_waiting(sandbox))) == len(drains)
    uvloop.run(drain(drains, stores.local, platform))
    assert list(still_waiting(sandbox)) == []

    uvloop.run(collect(queries, stores.local, platform, policy=REFRESH_POLICY, collect_from=begin))
    with connect(stores.local) as connection:
        lines = read_collected(connection, sandbox)
        assert list(not_whole(lines)) == []
        assert sorted(line.interface.name for line in lines) == sorted(interface.name for interface in queries)
        assert all(line.platform and line.quarantined for line in lines if line.interface.table != "returned_case")
        assert sum(line.cut for line in lines) > 0, "the world has bursts"
        assert all(line.requests >= line.windows for line in lines)
        feedback = {line.interface.name for line in lines if line.repaired}
        assert "getCaseFeedbackTs" in feedback, "some orders have two answers, of which one acknowledgement hid one"
        assert feedback <= {interface.name for interface in interfaces_of("feedback")}
        assert as_table(lines).row_count == len(queries)

        connection.execute("DELETE FROM hotline.case_urge WHERE row_id = (SELECT min(row_id) FROM hotline.case_urge)")
        (sentence,) = not_whole(read_collected(connection, sandbox))
        assert sentence.startswith("getCaseCb: ")


def test_a_world_that_is_there_is_kept_with_its_begin(sandbox: SandboxControl, tmp_path: Path) -> None:
    file = tmp_path / "world.jsonl"
    first = make_world(sandbox, file, cases=50, days=3, dirty=0.0, seed=1)
    content, rows = file.read_bytes(), sandbox.world.rows("getTsBusiCaseInfoData")
    assert make_world(sandbox, file, cases=50, days=3, dirty=0.0, seed=2) == first
    assert (file.read_bytes(), sandbox.world.rows("getTsBusiCaseInfoData")) == (content, rows)
