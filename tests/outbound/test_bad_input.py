"""Whatever 12345 writes ends sent, held, quarantined with reasons or refused with a clear error; it stops no other."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
import pytest

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract, interfaces_of
from hotline_bridge.errors import StopRun, TryAgainLater
from hotline_bridge.outbound import decisions
from hotline_bridge.outbound.intake import take_in
from hotline_bridge.outbound.versions import Policy
from hotline_bridge.store.database import connect
from tests.fixtures import Stores, platform_at
from tests.outbound.bridge import AREA, GOOD, Bridge, call

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from psycopg import Connection

    from hotline_bridge.outbound.status import LogStatus
    from hotline_sandbox.demo.postgres import Server
    from hotline_sandbox.server.control import SandboxControl
    from tests.clean_stores import CleanStore

NOTHING_ELSE: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """One row, by what differs from a good one, and what must become of it."""

    name: str
    changes: dict[str, str | None]
    reasons: tuple[str, ...] = NOTHING_ELSE
    """Quarantined with exactly these; none: sent."""
    interface: str = "callinfo"
    flags: tuple[str, ...] = field(default=NOTHING_ELSE)
    """Flags that it must carry (among others)."""
    state: str | None = None

    @property
    def expected(self) -> str:
        return self.state or ("quarantined" if self.reasons else "delivered")


def text(name: str, value: str, *flags: str) -> Case:
    """An ordinary text in a field that takes any text: it is sent, unchanged."""
    return Case(f"text {name}", {"callno": value}, flags=flags)


def time_of(name: str, value: str) -> Case:
    """Something that is no YYYYMMDDhhmmss."""
    return Case(f"time {name}", {"calltime": value}, ("calltime:type",))


ODD = "callno:odd_text"
TEXTS = [
    text("backslash N", "\\N", ODD),
    text("NULL", "NULL", ODD),
    text("null", "null", ODD),
    text("quoted null", '"null"'),
    text("COPY end", "\\."),
    text("escaped NUL", "\\u0000"),
    text("escaped surrogate", "\\ud83d"),
    text("Jinja", "{{ 7*7 }}{% raw %}"),
    text("SQL", "'; DROP TABLE x;--"),
    text("format", "%s%(key)s{0}{table}"),
    text("lookup", "${jndi:ldap://x}"),
    text("script", "<script>alert(1)</script>"),
    text("spreadsheet", "=cmd|' /C calc'!A0"),
    text("plus", "+8613800000000"),
    text("at", "@SUM(1)"),
    text("path", "../../etc/passwd"),
    text("CRLF", "138\r\nX-Evil: 1", ODD),
    text("tab and newline", "138\t0013\n8000", ODD),
    text("C1 control", "138\u0085001", ODD),
    text("DEL", "138\u007f", ODD),
    text("NBSP at the end", "13800138000\u00a0", ODD),
    text("ideographic space in front", "\u300013800138000", ODD),
    text("zero width", "138\u200b0013", ODD),
    text("BOM", "\ufeff138", ODD),
    text("bidi override", "138\u202e0013", ODD),
    text("private use", "\ue000", ODD),
    text("emoji", "😀🚒"),
    text("emoji joined by zero-width joiners", "👨‍👩‍👧", ODD),
    text("CJK extension B", "𠮷𬱖"),
    text("anonymous", "匿名"),
    text("two numbers", "13800138000,13900139000"),
    text("extension", "0755-12345678转801"),
    text("full-width digits", "１３８００１３８０００"),
    text("exactly 30 characters", "😀" * 30),
    text("beyond 2^53", "9007199254740993"),
]
TIMES = [
    time_of("full-width", "２０２６１１２３０８００００"),
    time_of("Arabic-Indic", "٢٠٢٦١١٢٣٠٨٠٠٠٠"),
    time_of("30 February", "20260230080000"),
    time_of("29 February of no leap year", "20250229080000"),
    time_of("month 13", "20261323080000"),
    time_of("day 0", "20261100080000"),
    time_of("hour 24", "20261123240000"),
    time_of("second 60", "20261123235960"),
    time_of("year 0", "00001123080000"),
    time_of("now", "now"),
    time_of("infinity", "infinity"),
    time_of("epoch", "epoch"),
    time_of("ISO with zone", "2026-11-23T08:00:00Z"),
    time_of("with dashes", "2026-11-23 08:00:00"),
    time_of("13 digits", "2026112308000"),
    time_of("15 digits", "202611230800000"),
    time_of("signed", "-2026112308000"),
    time_of("blanks around", " 20261123080000 "),
    time_of("decimal", "20261123080000.0"),
    time_of("unix", "1767225600"),
    Case("time leap day", {"calltime": "20240229080000"}),
    Case("time far future", {"calltime": "20990101000000"}, flags=("calltime:odd_time",)),
    Case("time year 9999", {"calltime": "99991231235959"}, flags=("calltime:odd_time",)),
    Case("time year 1900", {"calltime": "19000101000000"}, flags=("calltime:odd_time",)),
    Case("time that summer time skipped", {"calltime": "19860504023000"}, flags=("calltime:odd_time",)),
    Case("times out of order", {"seattime": "20261123080019"}, flags=("seattime:clock_order",)),
    Case("times before the call", {"skilltime": "20251123080019"}, flags=("skilltime:clock_order",)),
]
RULES = [
    Case("left the queue", {"seattime": None, "ringtime": None}),
    Case("rang, no seat", {"seattime": "", "skilltime": ""}),
    Case("seat without queue", {"skilltime": None}, ("skilltime:condition",)),
    Case(
        "seat without ring and queue", {"skilltime": " ", "ringtime": ""}, ("ringtime:condition", "skilltime:condition")
    ),
    Case("unknown code", {"calltype": "3"}, ("calltype:code",)),
    Case("code in words", {"calltype": "成"}, ("calltype:code",)),
    Case("code with blank", {"calltype": "1 "}, ("calltype:code", "calltype:length")),
    Case("full-width code", {"calltype": "１"}, ("calltype:code",)),
    Case("rating 0", {"satisfaction": "0"}, ("satisfaction:code",), "satisfaction"),
    Case("one too long", {"callno": "1" * 31}, ("callno:length",)),
    Case("ten times too long", {"callno": "😀" * 300}, ("callno:length",)),
    Case("a megabyte", {"callno": "长" * 1_000_000}, ("callno:length",)),
    Case("a megabyte of key", {"callid": AREA + "7" * 1_000_000}, ("callid:length",)),
    Case("key of exactly 50", {"callid": AREA + "7" * 44}),
    Case("key of 51", {"callid": AREA + "7" * 45}, ("callid:length",)),
    Case("path of exactly 200", {"recordpath": "h" * 200}, (), "recordinfo"),
    Case("path of 201", {"recordpath": "h" * 201}, ("recordpath:length",), "recordinfo"),
    Case("callid of another area", {"callid": "110000000001"}, ("callid:composition",)),
    Case("callid without serial", {"callid": AREA}, ("callid:composition",)),
    Case("recordid without area", {"recordid": f"1{AREA}000001"}, ("recordid:composition",), "recordinfo"),
    Case("recordid of another type", {"recordid": f"{AREA}2{AREA}000001"}, ("recordid:composition",), "recordinfo"),
    Case("rating id of the call", {"id": f"{AREA}000001"}, ("id:composition",), "satisfaction"),
    Case("signid of another seat", {"seatno": "12"}, ("signid:composition",), "seatsignin"),
    Case(
        "signid with a seat number of 30",
        {"seatno": "8" * 30, "begintime": "20261123080000", "signid": f"{AREA}{'8' * 30}20261123080000"},
        (),
        "seatsignin",
    ),
    Case("not signed out", {"endtime": None}, (), "seatsignin", state="held"),
    Case("not signed out, blanks", {"endtime": "  "}, (), "seatsignin", state="held"),
    Case("not signed out and broken", {"endtime": None, "seatname": ""}, ("seatname:required",), "seatsignin"),
    Case("signed out before signing in", {"endtime": "20261123070000"}, (), "seatsignin", ("endtime:clock_order",)),
    Case(
        "area of twelve digits",
        {"sourcearea": "440203000000"},
        ("callid:composition", "sourcearea:area", "sourcearea:length"),
    ),
    Case("area with letters", {"sourcearea": "44020A"}, ("callid:composition", "sourcearea:area")),
    Case("unknown area", {"sourcearea": "999999", "callid": "999999000001"}, flags=("sourcearea:unknown_area",)),
    *(
        Case(f"{printed.name} missing in {interface.name}", {printed.name: None}, (f"{printed.name}:required",), name)
        for interface in interfaces_of("telephony")
        for name in [interface.name]
        for printed in interface.request
        if printed.required is True and printed.name != interface.hold
    ),
    *(
        Case(f"only {kind} in a {field_kind} field", {name: value}, reasons)
        for kind, value in (("nothing", ""), ("tab", "\t"), ("ideographic space", "\u3000"), ("NBSP", "\u00a0"))
        for field_kind, name, reasons in (("required", "callno", ("callno:required",)), ("optional", "seattime", ()))
    ),
    Case("area with blanks", {"sourcearea": " 44020"}, ("callid:composition", "sourcearea:area")),
    Case("callid with a blank serial", {"callid": f"{AREA} "}, ("callid:composition",)),
    Case(
        "everything missing",
        dict.fromkeys(GOOD["callinfo"]),
        (*("callid:required", "callno:required", "calltime:required", "calltype:required", "sourcearea:required"),),
    ),
]


CASES = [*TEXTS, *TIMES, *RULES]


def good(interface: str, number: int) -> dict[str, str]:
    """A good row of its own key."""
    call_id = f"{AREA}{number:06}"
    begin = f"20261123{8 + number // 3600:02}{number // 60 % 60:02}{number % 60:02}"
    own = {
        "callinfo": {"callid": call_id},
        "recordinfo": {"callid": call_id, "recordid": f"{AREA}1{call_id}"},
        "seatsignin": {"begintime": begin, "signid": f"{AREA}11{begin}"},
        "satisfaction": {"callid": call_id, "id": f"{AREA}{call_id}"},
    }
    return {**GOOD[interface], **own[interface]}


@dataclass(frozen=True)
class Ends:
    """What became of all cases, which went through the bridge in one run: none stopped another."""

    rows: dict[str, dict[str, str | None]]
    """What was written, by case."""
    versions: dict[str, list[tuple[str, list[str], list[str], bytes]]]
    """State, reasons, flags and body, by interface and what the body says."""
    sent: Counter[bytes]
    """What went over the wire."""
    statuses: list[LogStatus]


def said(interface: str, row: Mapping[str, object]) -> str:
    return json.dumps([interface, {name: row[name] for name in GOOD[interface]}])


@pytest.fixture(scope="module")
def ends(clean_docking: CleanStore, clean_local: CleanStore, sandbox_process: SandboxControl) -> Ends:
    sandbox_process.reset()
    stores = Stores(clean_docking.ready(), clean_local.ready())
    bridge = Bridge(stores, platform_at(sandbox_process), sandbox_process, interfaces_of("telephony"))
    rows = {case.name: {**good(case.interface, number), **case.changes} for number, case in enumerate(CASES)}
    for case in CASES:
        bridge.write(rows[case.name], interface=case.interface)
    with connect(stores.docking) as docking, connect(stores.local) as local:
        for interface in bridge.interfaces:
            take_in(docking, local, interface, policy=Policy(areas=[AREA]))
    bridge.deliver()
    versions: dict[str, list[tuple[str, list[str], list[str], bytes]]] = {}
    for name, *version, body in bridge.local("SELECT interface, state, reasons, flags, body FROM hotline.delivery"):
        versions.setdefault(said(name, json.loads(body)), []).append((*version, bytes(body)))
    sent = Counter(str(record["body"]).encode() for record in sandbox_process.history(bodies=True))
    return Ends(rows, versions, sent, bridge.status())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_row_ends_somewhere(ends: Ends, case: Case) -> None:
    # The text arrives as 12345 wrote it, character for character; a field without text is the empty string.
    written = {name: text or "" for name, text in ends.rows[case.name].items()}
    ((state, reasons, flags, body),) = ends.versions[said(case.interface, written)]
    assert (state, tuple(reasons)) == (case.expected, case.reasons)
    assert set(case.flags) <= set(flags)
    if case.name.startswith("text ") and not case.flags:
        assert flags == []
    # What went over the wire is what the docking store holds.
    assert ends.sent[body] == (case.expected == "delivered")


def test_no_row_stops_another(ends: Ends) -> None:
    assert sum(ends.sent.values()) == sum(case.expected == "delivered" for case in CASES) > len(CASES) / 3
    assert sum(map(len, ends.versions.values())) == len(CASES)
    assert all(status.adds_up and status.uncollected == 0 for status in ends.statuses)


def test_nul_and_lone_surrogates_are_refused_by_the_docking_store_itself(bridge: Bridge) -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        bridge.write(call(1, callno="138\x00"))
    with pytest.raises(UnicodeEncodeError):
        bridge.write(call(1, callno="\ud83d"))


@pytest.mark.edge
def test_many_bad_rows_among_many_good_ones(bridge: Bridge) -> None:
    bridge.write(*(call(number, calltype="9" if number % 2 else "1") for number in range(200)))
    bridge.run()
    assert bridge.states() == {"delivered": 100, "quarantined": 100}


@pytest.mark.parametrize("written_at", ["infinity", "-infinity", "294276-12-31", "4713-01-01 BC", "2099-01-01"])
def test_a_wrong_clock_of_12345_stops_nothing(bridge: Bridge, written_at: str) -> None:
    bridge.write(call(1), call(2, calltype="9"), written_at=written_at)
    bridge.write(call(3))
    bridge.run()
    assert bridge.states() == {"delivered": 2, "quarantined": 1}
    assert bridge.status()[0].adds_up
    with connect(bridge.stores.local) as local:
        assert [found.reasons for found in decisions.find_quarantined(local, decisions.QuarantineFilter())] == [
            ("calltype:code",)
        ]


@pytest.mark.parametrize("written_at", ["infinity", "2099-01-01"])
def test_a_clock_that_runs_ahead_does_not_outdo_later_corrections(bridge: Bridge, written_at: str) -> None:
    bridge.write(call(1, callno="111"), written_at=written_at)
    bridge.run()
    bridge.docking("UPDATE docking.call_log SET callno = '222', written_at = clock_timestamp()")
    bridge.run()
    assert [json.loads(str(record["body"]))["callno"] for record in bridge.sandbox.history(bodies=True)] == [
        "111",
        "222",
    ]


def test_columns_of_the_citys_own_are_no_matter(bridge: Bridge) -> None:
    bridge.docking("ALTER TABLE docking.call_log ADD COLUMN agent_note text DEFAULT 'x', ADD COLUMN id bigserial")
    bridge.write(call(1))
    bridge.run()
    assert bridge.states() == {"delivered": 1}


@contextmanager
def docking_in(postgres: Server, encoding: str, *callnos: str) -> Iterator[Connection]:
    """A docking store in another encoding, with one good call for each of the given SQL texts of `callno`."""
    with psycopg.connect(postgres.conninfo("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE old_town ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0".encode())
    try:
        with connect(postgres.conninfo("old_town")) as docking:
            docking.execute(
                "CREATE SCHEMA docking; CREATE TABLE docking.call_log (callid text, callno text, sourcearea text,"
                " calltime text, skilltime text, seattime text, ringtime text, calltype text,"
                " written_at timestamptz NOT NULL DEFAULT now(), collected_at timestamptz)"
            )
            for number, callno in enumerate(callnos):
                docking.execute(
                    "INSERT INTO docking.call_log (callid, callno, sourcearea, calltime, calltype)"  # noqa: S608  (our own texts)
                    f" VALUES ('{AREA}00000{number}', {callno}, '{AREA}', '20261123080000', '1')".encode()
                )
            yield docking
    finally:
        postgres.drop_database("old_town")


def test_a_docking_store_of_another_encoding(postgres: Server, bridge: Bridge) -> None:
    with docking_in(postgres, "EUC_CN", "'市民来电'") as docking, connect(bridge.stores.local) as local:
        counts = take_in(docking, local, contract()["callinfo"])
    assert (counts.waiting, counts.collected) == (1, 1)
    bridge.deliver()
    ((body,),) = bridge.local("SELECT body FROM hotline.delivery")
    assert json.loads(body)["callno"] == "市民来电"


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE docking.call_log",
        "ALTER TABLE docking.call_log DROP COLUMN ringtime",
        "ALTER TABLE docking.call_log DROP COLUMN written_at CASCADE",
    ],
)
def test_a_docking_table_that_is_not_as_agreed_is_one_sentence(bridge: Bridge, change: str) -> None:
    bridge.write(call(1))
    bridge.docking(change)
    with pytest.raises(StopRun, match="`hotline check` names"):
        bridge.run()


def test_an_account_that_may_not_mark_rows(postgres: Server, bridge: Bridge) -> None:
    postgres.create_role("reader", "reader-password")
    bridge.docking("GRANT USAGE ON SCHEMA docking TO reader; GRANT SELECT ON docking.call_log TO reader")
    bridge.write(call(1))
    conninfo = psycopg.conninfo.make_conninfo(bridge.stores.docking, user="reader", password="reader-password")
    with (
        connect(conninfo) as docking,
        connect(bridge.stores.local) as local,
        pytest.raises(StopRun, match="InsufficientPrivilege"),
    ):
        take_in(docking, local, contract()["callinfo"])


def test_a_trigger_that_always_clears_the_mark_ends_with_a_word_about_it(bridge: Bridge) -> None:
    bridge.docking(
        "CREATE FUNCTION docking.careless() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN NEW.collected_at := NULL; RETURN NEW; END'"
    )
    bridge.docking(
        "CREATE TRIGGER zz_careless BEFORE UPDATE ON docking.call_log FOR EACH ROW EXECUTE FUNCTION docking.careless()"
    )
    bridge.write(call(1))
    with pytest.raises(StopRun, match=r"collected_at of docking\.call_log does not stay set"):
        bridge.take_in()
    assert bridge.states() == {"waiting": 1}, "what was read is safe all the same"


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"password": "wrong"}, StopRun, "refuses the account"),
        ({"dbname": "nowhere"}, StopRun, "does not exist on that server"),
        ({"port": "1"}, TryAgainLater, "cannot be reached"),
        ({"host": "no-such-host.invalid"}, TryAgainLater, "cannot be reached"),
    ],
)
def test_a_store_that_cannot_be_opened_is_one_sentence(
    bridge: Bridge, changes: dict[str, str], error: type[Exception], words: str
) -> None:
    conninfo = psycopg.conninfo.make_conninfo(bridge.stores.local, **changes)
    with pytest.raises(error, match=words) as caught:
        connect(conninfo)
    assert str(psycopg.conninfo.conninfo_to_dict(conninfo)["password"]) not in str(caught.value)


def test_a_window_reads_again_what_was_collected(bridge: Bridge) -> None:
    from datetime import datetime, timedelta

    from hotline_bridge.outbound.intake import Window

    bridge.write(call(1), call(2))
    bridge.run()
    bridge.local("TRUNCATE hotline.delivery, hotline.call_log")
    assert not bridge.status()[0].adds_up, "the local store was lost"
    now = datetime.now(SHANGHAI)
    with connect(bridge.stores.docking) as docking, connect(bridge.stores.local) as local:
        hour = Window(now - timedelta(hours=1), now + timedelta(hours=1))
        counts = take_in(docking, local, contract()["callinfo"], window=hour)
        assert counts.rows == 2
        again = take_in(docking, local, contract()["callinfo"], window=hour)
        assert (again.waiting, again.copies) == (0, 2)
    assert bridge.status()[0].adds_up
