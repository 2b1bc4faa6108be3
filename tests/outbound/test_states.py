"""Random histories, state by state: the stores hold exactly what the ledger expects.

See architecture: one version, one state. Seat logins, since they can also be held. `test_promises.py` asks what must be
true of any bridge; this asks that every version is in the one state that the rules give it, after every step.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import combinations
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from hotline_bridge.contract.reader import contract
from hotline_bridge.outbound import docking_rows
from hotline_bridge.outbound.status import log_status
from hotline_bridge.platform_client.request import build_request
from tests.examples import examples
from tests.outbound.bridge import AREA, Bridge
from tests.outbound.claims import claim_and_die, claim_and_give_back
from tests.outbound.ledger import Content, Ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hotline_bridge.outbound.delivery_queue import Lease
    from hotline_bridge.platform_client.settings import PlatformSettings
    from hotline_sandbox.server.control import SandboxControl
    from hotline_sandbox.server.history import CallRecord
    from tests.fixtures import Stores

LOG = contract()["seatsignin"]
SIGNED_OUT, STILL_IN, BROKEN = "20261123170000", None, "later"
SEATS = st.sampled_from(["11", "11", "11", "12", None])
"""Mostly one seat, so that everything meets everything; another; and a row without key."""
CONTENTS = st.sampled_from(
    [("甲", SIGNED_OUT), ("乙", SIGNED_OUT), ("丙", SIGNED_OUT), ("甲", STILL_IN), ("乙", STILL_IN), ("甲", BROKEN)]
)
FAULTS: list[dict[str, object]] = [
    {"kind": "reset_after"},
    {"kind": "reset_after", "count": 1},
    {"kind": "reset_before"},
    {"kind": "empty", "stored": True},
    {"kind": "empty"},
    {"kind": "status", "status": 404},
    {"kind": "code", "code": "7001"},
    {"kind": "code", "code": "7001", "count": 1},
]
TABLES = "hotline.delivery, hotline.interaction_log, hotline.seat_login_log, hotline.seat_login_log_history"


class DiedError(Exception):
    """Ends an intake in the middle, as a kill would."""


def row(seat: str | None, content: tuple[str, str | None]) -> dict[str, str | None]:
    begin = "20261123080000"
    return {
        "signid": seat and f"{AREA}{seat}{begin}",
        "seatno": seat or "13",
        "seatname": content[0],
        "begintime": begin,
        "endtime": content[1],
        "sourcearea": AREA,
    }


def content_of(values: dict[str, str | None]) -> Content:
    """What the printed rules say of a row, told without the bridge's SQL."""
    sha = hashlib.sha256(build_request(LOG, values)).hexdigest()
    if not values["signid"] or values["endtime"] == BROKEN:
        return Content(values["signid"] or "", sha, "quarantined")
    return Content(values["signid"], sha, "waiting" if values["endtime"] else "held")


class Story(RuleBasedStateMachine):
    """12345, the bridge and the platform take turns; now and then one of them fails."""

    bridge: ClassVar[Bridge]
    docking: ClassVar[psycopg.Connection[tuple[Any, ...]]]
    local: ClassVar[psycopg.Connection[tuple[Any, ...]]]

    @initialize()
    def begin(self) -> None:
        self.bridge.sandbox.reset()
        self.docking.execute("TRUNCATE docking.seat_login_log")
        self.local.execute(f"TRUNCATE {TABLES}".encode())
        self.ledger = Ledger()
        self.seen = 0

    # 12345

    @rule(seat=SEATS, content=CONTENTS, taken_in=st.booleans())
    def a_row_is_written(self, seat: str | None, content: tuple[str, str | None], taken_in: bool) -> None:
        self.bridge.write(row(seat, content), interface=LOG.name)
        if taken_in:
            self.intake()

    @rule(seat=SEATS, contents=st.lists(CONTENTS, min_size=2, max_size=2, unique=True))
    def two_rows_are_written_at_one_moment(self, seat: str | None, contents: list[tuple[str, str | None]]) -> None:
        moment = datetime.now().astimezone().isoformat()
        self.bridge.write(*(row(seat, content) for content in contents), interface=LOG.name, written_at=moment)

    @rule(seat=SEATS, content=CONTENTS, minutes=st.integers(1, 3))
    def a_row_arrives_late(self, seat: str | None, content: tuple[str, str | None], minutes: int) -> None:
        moment = datetime.now().astimezone() - timedelta(minutes=minutes)
        self.bridge.write(row(seat, content), interface=LOG.name, written_at=moment.isoformat())

    @rule(seat=SEATS, content=CONTENTS)
    def a_row_is_corrected_and_taken_in(self, seat: str | None, content: tuple[str, str | None]) -> None:
        self.correct(seat, content)
        self.intake()

    @rule(seat=SEATS, content=CONTENTS)
    def a_row_is_corrected(self, seat: str | None, content: tuple[str, str | None]) -> None:
        self.correct(seat, content)

    # The bridge

    @rule()
    def intake(self) -> None:
        rows = self.uncollected()
        self.bridge.take_in()
        self.ledger.take_in(rows)
        assert self.uncollected() == []

    @rule()
    def two_intakes_at_once(self) -> None:
        rows = self.uncollected()
        self.both_at_once(self.bridge.take_in)
        self.ledger.take_in(rows)
        assert self.uncollected() == []

    @rule(step=st.sampled_from(["rows-copied", "versions-queued", "versions-committed"]))
    def an_intake_dies(self, step: str) -> None:
        rows = self.uncollected()

        def die(reached: str) -> None:
            if reached == step:
                raise DiedError

        if rows:
            with patch.object(docking_rows, "reached", die), pytest.raises(DiedError):
                self.bridge.take_in()
        if step == "versions-committed":
            self.ledger.take_in(rows)
        assert self.uncollected() == rows

    @rule(step=st.sampled_from(["rows-copied", "versions-queued", "versions-committed"]), seat=SEATS, content=CONTENTS)
    def a_row_is_corrected_while_it_is_taken_in(
        self, step: str, seat: str | None, content: tuple[str, str | None]
    ) -> None:
        rows = self.uncollected()

        def correct(reached: str) -> None:
            if reached == step:
                self.correct(seat, content)

        with patch.object(docking_rows, "reached", correct):
            self.bridge.take_in()
        self.ledger.take_in(rows)
        assert len(self.uncollected()) <= 1

    @rule(later=st.booleans())
    def delivery(self, later: bool) -> None:
        if later:
            self.bridge.time_passes()
        self.bridge.deliver()
        self.settled()

    @rule(later=st.booleans())
    def two_deliveries_at_once(self, later: bool) -> None:
        if later:
            self.bridge.time_passes()
        self.both_at_once(self.bridge.deliver)
        self.settled()

    @rule(fault=st.sampled_from(FAULTS), later=st.booleans())
    def delivery_to_a_platform_that_fails(self, fault: dict[str, object], later: bool) -> None:
        if later:
            self.bridge.time_passes()
        self.bridge.sandbox.set_faults([{**fault, "interface": LOG.name}])
        self.bridge.deliver()
        self.bridge.sandbox.clear_faults()
        self.settled()

    @rule(sent=st.booleans(), later=st.booleans())
    def a_run_dies_with_its_claims(self, sent: bool, later: bool) -> None:
        if later:
            self.bridge.time_passes()
        held = claim_and_die(self.bridge, sent=sent)
        self.ledger.claim(version.body_sha256.hex() for version in held)
        self.ledger.note_sent(self.new_calls())

    @rule(later=st.booleans())
    def a_run_gives_back_its_claims_after_an_intake(self, later: bool) -> None:
        if later:
            self.bridge.time_passes()
        rows = self.uncollected()
        held: list[str] = []

        def meanwhile(claimed: Sequence[Lease]) -> None:
            held.extend(version.body_sha256.hex() for version in claimed)
            self.ledger.claim(held)
            self.bridge.take_in()
            self.ledger.take_in(rows)

        claim_and_give_back(self.bridge, meanwhile)
        self.ledger.give_back(held)

    # What always holds

    @invariant()
    def every_version_is_in_the_state_that_the_rules_give_it(self) -> None:
        found = self.local.execute(
            "SELECT encode(content_hash, 'hex'), key, state, outcome_unknown, claimed_until IS NOT NULL,"
            " claimed_by IS NOT NULL, written_at FROM hotline.delivery"
        ).fetchall()
        expected = [
            (sha, v.content.key, v.state, v.unknown, v.claimed, v.claimed, v.written_at)
            for sha, v in self.ledger.versions.items()
        ]
        assert sorted(found) == sorted(expected)

    @invariant()
    def the_typed_table_shows_the_newest_good_version_and_history_the_replaced_ones(self) -> None:
        current = self.local.execute("SELECT signid, encode(content_hash, 'hex') FROM hotline.seat_login_log")
        assert dict(current.fetchall()) == self.ledger.current
        replaced = self.local.execute(
            "SELECT encode(content_hash, 'hex'), count(*) FROM hotline.seat_login_log_history GROUP BY 1"
        )
        assert dict(replaced.fetchall()) == self.ledger.replaced

    @invariant()
    def every_docking_row_is_counted_once(self) -> None:
        rows = self.rows()
        known = [content for content, _, _ in rows if content.sha in self.ledger.versions]
        assert all(content.sha in self.ledger.versions for content, _, collected in rows if collected)
        status = log_status(self.docking, self.local, LOG)
        states = Counter(self.ledger.versions[sha].state for sha in {content.sha for content in known})
        assert {state: count for state, count in status.versions.items() if count} == states
        assert status.uncollected == len(rows) - len(known)
        assert status.copies == len(known) - sum(states.values())
        assert status.docking_rows == len(rows)
        assert status.adds_up

    def teardown(self) -> None:
        """Once all is well, every version is at rest and the platform knows the newest content of every key."""
        if not hasattr(self, "ledger"):  # begin() did not run
            return
        for _ in range(4):
            self.intake()
            self.delivery(later=True)
        self.every_version_is_in_the_state_that_the_rules_give_it()
        assert {v.state for v in self.ledger.versions.values()} <= {"delivered", "held", "quarantined", "superseded"}
        newest = self.ledger.newest_sendable()
        assert all(self.ledger.versions[sha].state == "delivered" for sha in newest.values())
        shown = {
            record["key"]: record["body_sha256"]
            for record in self.bridge.accepted()
            # A platform that stored a version and later refused it contradicts itself: the refusal counts.
            if self.ledger.versions[record["body_sha256"]].state == "delivered"
        }
        status = log_status(self.docking, self.local, LOG)
        assert status.reverted == sum(shown[key] != sha for key, sha in newest.items())
        self.no_two_versions_of_a_key_were_in_flight_at_once()

    def no_two_versions_of_a_key_were_in_flight_at_once(self) -> None:
        tries = self.local.execute(
            "SELECT key, encode(body_sha256, 'hex'), started_at, started_at + elapsed_ms * interval '1 millisecond'"
            " FROM hotline.interaction_log"
        ).fetchall()
        for (key, sha, began, ended), (other_key, other_sha, other_began, other_ended) in combinations(tries, 2):
            if key == other_key and sha != other_sha:
                assert ended < other_began or other_ended < began

    # How the machine acts on the world and looks at it

    def correct(self, seat: str | None, content: tuple[str, str | None]) -> None:
        """12345 changes the newest row of a key in place."""
        self.docking.execute(
            "UPDATE docking.seat_login_log SET seatname = %s, endtime = %s WHERE ctid = (SELECT ctid FROM"
            " docking.seat_login_log WHERE signid IS NOT DISTINCT FROM %s ORDER BY written_at DESC, ctid DESC LIMIT 1)",
            (*content, row(seat, content)["signid"]),
        )

    def rows(self) -> list[tuple[Content, datetime, bool]]:
        """The docking table in the order in which it is read: content, written_at, collected."""
        found = self.docking.execute(
            "SELECT signid, seatno, seatname, begintime, endtime, sourcearea, written_at, collected_at IS NOT NULL"
            " FROM docking.seat_login_log ORDER BY written_at, ctid"
        ).fetchall()
        names = ("signid", "seatno", "seatname", "begintime", "endtime", "sourcearea")
        return [
            (content_of(dict(zip(names, values, strict=True))), written_at, collected)
            for *values, written_at, collected in found
        ]

    def uncollected(self) -> list[tuple[Content, datetime]]:
        return [(content, written_at) for content, written_at, collected in self.rows() if not collected]

    def new_calls(self) -> list[CallRecord]:
        calls = self.bridge.sandbox.history(after=self.seen)
        self.seen += len(calls)
        return calls

    def settled(self) -> None:
        calls = self.new_calls()
        self.ledger.deliver(calls)
        self.ledger.note_sent(calls)

    def both_at_once(self, act: Callable[[], object]) -> None:
        failures: list[BaseException] = []

        def guarded() -> None:
            try:
                act()
            except BaseException as error:  # reported below, in the test's own thread
                failures.append(error)

        threads = [Thread(target=guarded) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []


@pytest.mark.hypothesis
@pytest.mark.timeout(600)
def test_every_version_is_where_the_rules_put_it(
    stores: Stores, platform: PlatformSettings, sandbox: SandboxControl
) -> None:
    Story.bridge = Bridge(stores, platform, sandbox, (LOG,)).with_settings(
        timeout_s=5.0, tries=2, breaker_failures=1000, max_concurrency=4
    )
    profile = settings(
        max_examples=examples(60),
        stateful_step_count=20,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    with ExitStack() as stack:
        Story.docking = stack.enter_context(psycopg.connect(stores.docking, autocommit=True))
        Story.local = stack.enter_context(psycopg.connect(stores.local, autocommit=True))
        run_state_machine_as_test(Story, settings=profile)
