"""Delivery under random histories: corrections, copies, lost answers, refusals, deaths, two runs.

See architecture: one version, one state. The model is what 12345 has written and what it would call the truth; the
judge is the platform's own history.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound.delivery_queue import DeliveryQueue
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.store.database import connect_async
from tests.examples import examples
from tests.outbound.bridge import Bridge, call

if TYPE_CHECKING:
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from tests.fixtures import Stores

KEYS = st.integers(1, 2)
CONTENTS = st.sampled_from(["111", "222", "333"])
LOSING = [{"kind": "reset_after"}, {"kind": "empty", "stored": True}, {"kind": "truncated"}]
HARMLESS = [
    {"kind": "reset_before"},
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 429, "count": 1},
    {"kind": "html"},
    {"kind": "code", "code": "7001", "msg": "稍后"},
]


class History(RuleBasedStateMachine):
    """Rows of the call log, with two keys and few contents, so that everything meets everything."""

    bridge: ClassVar[Bridge]

    @initialize()
    def begin(self) -> None:
        self.bridge.sandbox.clear_faults()
        self.bridge.sandbox.reset()
        self.bridge.docking("TRUNCATE docking.call_log")
        self.bridge.local(
            "TRUNCATE hotline.delivery, hotline.interaction_log, hotline.call_log, hotline.call_log_history"
        )
        self.excused: Counter[str] = Counter()
        """Bodies whose answer may have been lost, or whose sender died: how many repeats that excuses."""

    # What 12345 does; often somebody takes it in at once

    @rule(key=KEYS, content=CONTENTS, good=st.sampled_from(["1", "1", "1", "9"]), taken_in=st.booleans())
    def a_row_is_written(self, key: int, content: str, good: str, taken_in: bool) -> None:
        self.bridge.write(call(key, callno=content, calltype=good))
        self.intake(taken_in)

    @rule(key=KEYS, content=CONTENTS, taken_in=st.booleans())
    def a_row_is_corrected_in_place(self, key: int, content: str, taken_in: bool) -> None:
        self.bridge.docking(
            "UPDATE docking.call_log SET callno = %s, calltype = '1' WHERE ctid IN"
            " (SELECT ctid FROM docking.call_log WHERE callid = %s ORDER BY written_at DESC LIMIT 1)",
            *(content, call(key)["callid"]),
        )
        self.intake(taken_in)

    @rule(key=KEYS)
    def a_row_is_copied(self, key: int) -> None:
        self.bridge.docking(
            "INSERT INTO docking.call_log SELECT (d).* FROM (SELECT d FROM docking.call_log AS d WHERE callid = %s"
            " ORDER BY written_at DESC LIMIT 1) AS newest",
            call(key)["callid"],
        )

    # What the bridge, the platform and the network do

    def intake(self, wanted: bool = True) -> None:
        if wanted:
            self.bridge.take_in()

    @rule(fault=st.sampled_from([None, None, *HARMLESS, *LOSING]), later=st.booleans())
    def a_run(self, fault: dict[str, object] | None, later: bool) -> None:
        if later:
            self.bridge.time_passes()
        before = len(self.bridge.accepted())
        self.bridge.sandbox.set_faults([] if fault is None else [{**fault, "interface": "callinfo"}])
        self.bridge.run()
        self.bridge.sandbox.clear_faults()
        if fault in LOSING:
            self.excused.update(record["body_sha256"] for record in self.bridge.accepted()[before:])

    @rule()
    def two_runs_at_once(self) -> None:
        runs = [Thread(target=self.bridge.run) for _ in range(2)]
        for run in runs:
            run.start()
        for run in runs:
            run.join()

    @rule(sent=st.booleans())
    def a_run_dies_with_its_claims(self, sent: bool) -> None:
        async def run() -> list[bytes]:
            async with await connect_async(self.bridge.stores.local) as local:
                queue = DeliveryQueue(local, uuid4(), timedelta(minutes=3))
                claimed = await queue.claim(contract()["callinfo"], fresh=10, due=10)
            async with PlatformClient(self.bridge.platform) as client:
                for version in claimed:
                    if sent:
                        await client.attempt(version.interface, version.body)
            return [version.body_sha256 for version in claimed]

        self.bridge.take_in()
        self.excused.update(sha.hex() for sha in asyncio.run(run()) if sent)

    # What always holds

    @invariant()
    def every_docking_row_is_somewhere(self) -> None:
        (status,) = self.bridge.status()
        assert status.adds_up
        rows = self.bridge.docking("SELECT callid, callno, calltype, collected_at IS NULL FROM docking.call_log")
        assert status.docking_rows == len(rows)
        assert status.uncollected + status.copies + sum(status.versions.values()) == len(rows)
        known = {
            (body["callid"], body["callno"], body["calltype"])
            for (text,) in self.bridge.local("SELECT body FROM hotline.delivery")
            for body in [json.loads(text)]
        }
        assert {row[:3] for row in rows if not row[3]} <= known, "collected, and in no state"

    @invariant()
    def nothing_is_repeated_without_cause(self) -> None:
        accepted = Counter(record["body_sha256"] for record in self.bridge.accepted())
        for sha, times in accepted.items():
            assert times <= 1 + self.excused[sha]

    @invariant()
    def never_old_after_new(self) -> None:
        """Per key the platform hears versions in the order in which they were first written, repeats apart."""
        order = dict(self.bridge.local("SELECT encode(body_sha256, 'hex'), row_id FROM hotline.delivery"))
        heard: dict[str, list[int]] = {}
        first: set[str] = set()
        for record in self.bridge.accepted():
            if record["body_sha256"] not in first:
                first.add(record["body_sha256"])
                heard.setdefault(str(record["key"]), []).append(order[record["body_sha256"]])
        for key, row_ids in heard.items():
            returned = self.returned(key)
            kept = [row_id for row_id in row_ids if row_id not in returned]
            assert kept == sorted(kept), key

    @invariant()
    def the_typed_table_holds_the_newest_good_version(self) -> None:
        newest = self.bridge.local(
            "SELECT DISTINCT ON (key) row_id FROM hotline.delivery WHERE reasons = '{}'"
            " ORDER BY key, written_at DESC, row_id DESC"
        )
        assert sorted(newest) == sorted(self.bridge.local("SELECT row_id FROM hotline.call_log"))

    def returned(self, key: str) -> set[int]:
        """Versions that 12345 wrote again after another content of their key: their place is the last writing."""
        return {
            row_id
            for (row_id,) in self.bridge.local(
                "SELECT old.row_id FROM hotline.delivery AS old JOIN hotline.delivery AS new USING (interface, key)"
                " WHERE old.key = %s AND old.row_id < new.row_id AND old.written_at > new.written_at",
                key,
            )
        }

    def teardown(self) -> None:
        """When all is well again, every key's newest good content is with the platform, sent once and last."""
        with suppress(AttributeError):  # begin() did not run
            self.bridge.sandbox.clear_faults()
            for _ in range(4):
                self.bridge.time_passes()
                self.bridge.run()
            states = self.bridge.states()
            assert set(states) <= {"delivered", "quarantined", "superseded"}, states
            heard = {str(record["key"]): record["body_sha256"] for record in self.bridge.accepted()}
            newest = self.bridge.local(
                "SELECT DISTINCT ON (key) key, encode(body_sha256, 'hex') FROM hotline.delivery WHERE reasons = '{}'"
                " ORDER BY key, written_at DESC, row_id DESC"
            )
            got = {record["body_sha256"] for record in self.bridge.accepted()}
            assert {sha for _, sha in newest} <= got
            differing = sum(heard[key] != sha for key, sha in newest)
            assert differing == self.bridge.status()[0].reverted
            self.every_docking_row_is_somewhere()
            self.nothing_is_repeated_without_cause()


@pytest.mark.hypothesis
@pytest.mark.timeout(600)
def test_promises_hold_under_random_histories(
    stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    History.bridge = Bridge(stores, platform, sandbox).with_settings(timeout_s=2.0, breaker_failures=1000)
    profile = settings(
        max_examples=examples(40),
        stateful_step_count=16,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(History, settings=profile)
