"""Nothing leaks while collecting: no personal data, token or row in logs, errors, counts and bookkeeping.

See architecture: personal data stay in the stores.
"""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from hotline_bridge.errors import HotlineError
from hotline_bridge.inbound.rows import read_rows
from hotline_sandbox.server.settings import DEFAULT_TOKEN
from tests.inbound.inbound_bridge import COMPLAINTS, DRAINS, FEEDBACK, QUERIES, STEPS, good_row, order, shown

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Interface
    from tests.inbound.inbound_bridge import Inbound

NAME, NUMBER, TEXT = "甄隐名", "13800138000", "住在某街某号的来电人"
MARKS = (NAME, NUMBER, TEXT, DEFAULT_TOKEN)
KEEPS_ROWS = {"landing", "quarantined_answer"}
FAULTS: list[list[dict[str, object]]] = [
    [],
    [{"kind": "status", "status": 400, "echo": True}],
    [{"kind": "code", "code": "1001", "msg": f"来电 {NUMBER} 有误", "echo": True}],
    [{"kind": "truncated"}],
    [{"kind": "data", "form": "object"}],
    [{"kind": "data", "form": "text"}],
    [{"kind": "numberless", "rows": 2}],
    [{"kind": "repeated_row"}],
    [{"kind": "outside"}],
    [{"kind": "unauthorized"}],
    [{"kind": "charset"}],
]


def marked(interface: Interface, **changes: object) -> dict[str, object]:
    """A row in which every personal field that is long enough holds something personal."""
    by_class = {"phone": NUMBER, "number": NUMBER, "name": NAME, "address": TEXT, "text": TEXT, "link": NUMBER}
    personal = {
        field.name: by_class[field.personal]
        for field in interface.response
        if field.personal and (field.limit or 99) >= 20 and field.name != interface.key
    }
    assert personal
    return {**personal, **changes}


def _all_of(inbound: Inbound, table: str) -> list[object]:
    return inbound.local(f"SELECT to_jsonb(t) FROM hotline.{table} AS t")  # noqa: S608  (a name of the catalog)


def bookkeeping(inbound: Inbound) -> str:
    """Everything in the local store but the rows themselves."""
    tables = inbound.local(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'hotline'::regnamespace"
    )
    holders = {str(known.table) for known in (*QUERIES, *DRAINS)} | KEEPS_ROWS
    kept = [name for (name,) in tables if name not in holders and not name.endswith("_history")]
    assert {"collection_window", "interaction_log"} <= set(kept)
    rows = [row for name in kept for row in _all_of(inbound, name)]
    rows += inbound.local("SELECT interface, key, reasons, state FROM hotline.quarantined_answer")
    return json.dumps(rows, ensure_ascii=False, default=str)


@pytest.mark.parametrize("faults", FAULTS, ids=lambda faults: "-".join(str(f["kind"]) for f in faults) or "none")
def test_nothing_is_let_out(
    inbound: Inbound, faults: list[dict[str, object]], caplog: pytest.LogCaptureFixture
) -> None:
    inbound = inbound.of(COMPLAINTS, STEPS, FEEDBACK, *QUERIES[-3:]).with_settings(timeout_s=1.0, tries=1)
    both = [
        shown(known, **marked(known, **more)) for known in (COMPLAINTS, STEPS, FEEDBACK) for more in ({}, {NAME: 1})
    ]
    bad = [
        shown(known, **marked(known, **{name: NUMBER * 30}))
        for known, name in ((COMPLAINTS, "workerno"), (STEPS, "id"), (FEEDBACK, "agentTel"))
    ]
    inbound.sandbox.world.put(order("R1", 10, *both), order("R2", 10, *bad), order("R3", 90_000, shown(STEPS)))
    inbound.sandbox.set_faults(faults)
    said = ""
    with caplog.at_level(logging.DEBUG):
        for act in (inbound.collect, inbound.drain):
            try:
                said += repr({name: done.as_dict() for name, done in act().items()})
            except HotlineError as error:
                said += f"{error!r} {error} {error.__cause__!r} {error.__context__!r}"
    for mark in MARKS:
        assert mark not in caplog.text
        assert mark not in said
        assert mark not in bookkeeping(inbound)
    assert inbound.sandbox.history()


@pytest.mark.parametrize(
    "breakage",
    [
        f"ALTER TABLE hotline.complaint_case ADD CHECK (proname <> '{NAME}')",
        "ALTER TABLE hotline.collection_window ADD CHECK (state <> 'settled')",
        "ALTER TABLE hotline.quarantined_answer ADD CHECK (key <> 'R2')",
        "DROP TABLE hotline.interaction_log CASCADE",
    ],
)
def test_database_errors_let_nothing_out(fresh: Inbound, breakage: str, caplog: pytest.LogCaptureFixture) -> None:
    """The server repeats the failing row in DETAIL and CONTEXT of its error."""
    fresh.local(breakage)
    fresh.sandbox.world.put(order("R1", 10, shown(COMPLAINTS, **marked(COMPLAINTS))))
    fresh.sandbox.world.put(order("R2", 10, shown(COMPLAINTS, **marked(COMPLAINTS, workerno=NUMBER * 3))))
    said = ""
    with caplog.at_level(logging.DEBUG):
        try:
            fresh.collect()
        except HotlineError as error:
            said = f"{error!r} {error.__cause__!r} {error}"
            assert error.__suppress_context__
    assert "SQLSTATE" in said or "is put aside" in caplog.text
    for mark in MARKS:
        assert mark not in said + caplog.text


def test_what_carries_rows_does_not_show_them() -> None:
    rows = read_rows(
        COMPLAINTS, [good_row(COMPLAINTS, proname=NAME), good_row(COMPLAINTS, workerno=NUMBER * 9, **{NAME: 1})]
    )
    assert (len(rows.good), len(rows.bad)) == (1, 1)
    with suppress(IndexError):
        assert NAME.encode() in rows.good[0].content, "else this test would see nothing"
    for mark in MARKS:
        assert mark not in repr(rows)
