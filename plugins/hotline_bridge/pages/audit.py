"""审核 (specification 4.4): orders that wait for a decision of the bureau, oldest first, with their doubts.

What is decided on is the content that was seen, named by the row of its version: another content of the order is
another version, and is shown again. After each decision the next content follows.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from psycopg.rows import namedtuple_row

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.failpoints import reached
from hotline_bridge.outbound.audit import (
    Decision,
    ask_to_pass,
    audited_names,
    count_audited,
    find_audited,
    send_back,
)
from hotline_bridge.outbound.decisions import flag_zh
from hotline_bridge.outbound.status import STATES
from hotline_bridge.pages.asked import (
    ROWS,
    Asked,
    Fields,
    Moved,
    NoSuchThing,
    Shown,
    chosen_rows,
    counts_told,
    is_number,
    place,
)
from hotline_bridge.pages.order import compared
from hotline_bridge.pages.rights import Right
from hotline_bridge.store.data_files import data_folder, read_lines
from hotline_bridge.store.sql import read_sql, sql_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from psycopg.sql import SQL

log = logging.getLogger(__name__)

DOUBTS: Mapping[str, str] = {"yes": "有疑点", "no": "没有疑点"}
COUNTED = 1_000
_ONE = "one"


def show(asked: Asked) -> Shown:
    """The queue."""
    return _queue(asked, Fields(asked.given), 200)


def show_one(asked: Asked) -> Shown:
    """One content, field by field, with its doubts and what changed; or what was decided on it.

    Raises:
        NoSuchThing: There is no such content of an order.
    """
    return _content(asked, Fields(asked.given), 200)


def decide(asked: Asked) -> Shown | Moved:
    """Passes or returns what was chosen, and goes on to what is left."""
    fields = Fields(asked.given)
    one = fields.given.get(_ONE, "")
    chosen = [int(one)] if is_number(one) else chosen_rows(fields.given)
    what = fields.given.get("decision")
    returns = what == "return"
    decision = Decision(fields.text("office") or "", asked.user.name, fields.text("reason"))
    if not chosen or what not in {"pass", "return"}:
        fields.wrong["chosen"] = "请至少选择一件"
    if returns and not decision.office:
        fields.wrong["office"] = "退回须写明审核部门"
    if returns and not decision.reason:
        fields.wrong["reason"] = "退回须写明原因，12345 会看到"
    if fields.wrong:
        return _content(asked, fields, 422) if one else _queue(asked, fields, 422)
    # Who saw that it was returned may still pass it; who did not is told.
    knows = bool(one) and fields.given.get("known") == "return"
    versions = find_audited(asked.local, row_ids=chosen, decided=knows)
    if returns:
        done = send_back(asked.local, versions, decision, actor=asked.actor)
    else:
        done = ask_to_pass(asked.local, versions, decision, actor=asked.actor)
    reached("decision-kept")
    told = f"{'returned' if returns else 'passed'}={done}&left={len(chosen) - done}"
    if one and done == 0:
        # Somebody else was faster, or 12345 wrote another content: shown is what became of this one.
        return Moved(f"audit/{chosen[0]}?{told}")
    following = _beside(asked, chosen[0])["next"] if one else None
    return Moved(f"audit/{following}?{told}" if following else f"audit?{told}")


def reasons() -> list[str]:
    """What is offered where an order is returned, and 12345 reads: `audit/return_reasons.csv` of the data folder.

    A deployment's own folder may do without it: then those of the project are offered. A wrong file offers nothing.
    """
    own = data_folder() / "audit" / "return_reasons.csv"
    path = own if own.is_file() else sql_folder().parent / "audit" / "return_reasons.csv"
    try:
        return [line.required("reason") for line in read_lines(path, ("reason",))]
    except StopRun as error:
        log.warning("no reasons are offered: %s", error)
        return []


def _queue(asked: Asked, fields: Fields, status: int) -> Shown:
    doubts = fields.choice("doubts", DOUBTS)
    [after] = fields.after("after", (int,)) or [0]
    doubtful = None if doubts is None else doubts == "yes"
    found = find_audited(asked.local, doubtful=doubtful, after=min(after, 2**63 - 1), limit=ROWS + 1)
    count, oldest = count_audited(asked.local, COUNTED + 1)
    return Shown(
        "audit.html.j2",
        {
            "found": found[:ROWS],
            "next": place(found[ROWS - 1].row_id) if len(found) > ROWS else None,
            "labels": {name: contract()[name].label_zh for name in audited_names()},
            "flag_zh": flag_zh,
            "doubts": DOUBTS,
            "count": count,
            "counted": COUNTED,
            "oldest": oldest,
            **_common(asked, fields),
        },
        status,
    )


def _content(asked: Asked, fields: Fields, status: int) -> Shown:
    row_id = asked.path.get("row_id") or fields.given[_ONE]
    version = _version(asked, int(row_id)) if is_number(row_id) else None
    if version is None:
        raise NoSuchThing("没有这一内容。请回到审核列表。")
    doubts: dict[str, list[str]] = {}
    for flag in version.flags:
        doubts.setdefault(flag.partition(":")[0], []).append(flag_zh(version.interface, flag))
    contents = [row for row in (version.previous_content, version.row_id) if row is not None]
    return Shown(
        "audit_one.html.j2",
        {
            "version": version,
            "label": contract()[version.interface].label_zh,
            "state": STATES[version.state],
            # What is doubtful first, then what the caller said: these decide.
            "fields_of_content": sorted(
                compared(asked, version.interface, version.key, contents),
                key=lambda field: (field.name not in doubts, not field.is_text),
            ),
            "has_two": len(contents) > 1,
            "doubts_of": doubts,
            **_beside(asked, version.row_id),
            **_common(asked, fields),
        },
        status,
    )


def _version(asked: Asked, row_id: int) -> Any | None:  # noqa: ANN401  (a row by the names of its columns)
    with asked.local.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(_sql("version"), {"row_id": row_id, "interfaces": audited_names()}).fetchone()


def _beside(asked: Asked, row_id: int) -> Mapping[str, int | None]:
    """The contents before and behind this one; behind the last comes the first."""
    [(previous, following, first)] = asked.local.execute(
        _sql("beside"), {"row_id": row_id, "interfaces": audited_names()}
    ).fetchall()
    return {"previous": previous, "next": following or first}


def _common(asked: Asked, fields: Fields) -> dict[str, object]:
    office = asked.local.execute(_sql("last_office"), {"person": asked.user.name}).fetchone()
    return {
        "fields": fields,
        "told": counts_told(asked.given, "passed", "returned", "left"),
        "reasons": reasons(),
        "office": office[0] if office else "",
        "may_decide": Right.DECIDE in asked.user.rights,
    }


def _sql(name: str) -> SQL:
    return read_sql("pages/audit.sql", name)
