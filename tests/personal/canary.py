"""Marked names, numbers and texts in every place that holds personal data, to look for where none may be.

`plant` fills a local store; `Canary.assert_absent` looks through what a page, file, view or log shows. `analyst`,
`text_reader` and `auditor` are sessions of accounts that have one role alone.
"""

# ruff: noqa: S608  (names are those of the contract)

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.typed_tables import typed_interfaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hotline_bridge.contract.model import Field, Interface

ORDER, CALL = "44020320260901000000000001", "440203CANARY01"
PHONE, IDENTITY = "13987650001", "11010519491231002X"
CITIZEN: Mapping[str, str] = {
    "phone": PHONE,
    "number": IDENTITY,
    "name": "𠮷野暗",
    "address": "广东省深圳市南山区梧桐里七号院",
    "link": "canary-link@example.invalid",
}
STAFF: Mapping[str, str] = {"phone": "075587650002", "name": "关砚秋"}
COMPANY: Mapping[str, str] = {"phone": "13987650003", "name": "莫听雨"}
PLATE = "粤B7X9K2"
WORDS = "暗号是落霞孤鹜"
"""In free text, and no name or number: a reader of texts may see it, an analyst not."""
REASON = (
    f"{CITIZEN['name']}来电，电话139-8765-0001，身份证110105 19491231 002x，车牌{PLATE}，"
    f"住{CITIZEN['address']}，邮箱{CITIZEN['link']}，经办{STAFF['name']}"
)
TEXT = f"{WORDS}：{REASON}"
_TAIL = "梧桐里七号院"


@dataclass(frozen=True, slots=True)
class Canary:
    """What was planted, by class."""

    marks: Mapping[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            "phone": (PHONE, "139-8765-0001", STAFF["phone"], "87650002", COMPANY["phone"]),
            "number": (IDENTITY, IDENTITY.lower(), "110105 19491231 002x"),
            "name": (CITIZEN["name"], STAFF["name"], COMPANY["name"]),
            "address": (_TAIL,),
            "link": (CITIZEN["link"],),
            "plate": (PLATE,),
            "text": (WORDS,),
        }
    )
    """No one but the loader may see any of them."""
    of_citizen: tuple[str, ...] = (
        *(PHONE, "139-8765-0001", IDENTITY, "110105 19491231 002x", CITIZEN["name"], _TAIL, CITIZEN["link"]),
        *(PLATE, WORDS),
    )
    """What `hotline erase` takes away."""

    def assert_absent(self, content: str | bytes, where: str, *, but: tuple[str, ...] = ()) -> None:
        """Fail where a mark stands in it; the message says of which class, and never the mark.

        Args:
            content: What somebody sees.
            where: Of what it is, for the message.
            but: Classes that may be seen there.
        """
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        # JSON in ASCII spells what is beyond it.
        text = re.sub(r"(?:\\u[0-9a-fA-F]{4})+", lambda escaped: str(json.loads(f'"{escaped[0]}"')), text)
        seen = {of_class for of_class, marks in self.marks.items() if any(mark in text for mark in marks)}
        assert not seen - {*but}, f"{where} shows marked data of class {', '.join(sorted(seen - {*but}))}"


def value_of(known: Field) -> str:
    """What is planted in a field with personal data."""
    if known.personal == "text":
        return TEXT
    whose = {"staff": STAFF, "company": COMPANY}.get(known.whose, CITIZEN)
    return whose.get(str(known.personal), CITIZEN[str(known.personal)])


def plant(conninfo: str) -> Canary:
    """One order and one call of a marked person, in every table that holds personal data, and in its history."""
    with psycopg.connect(conninfo, autocommit=True) as local:
        for number, interface in enumerate(typed_interfaces(), start=1):
            for suffix in ("", "_history"):
                _insert(local, f"{interface.table}{suffix}", _row(interface, number, suffix))
        for name, interface in contract().items():
            if interface.kind == "report":
                body = json.dumps({each.name: _text(interface, each) for each in interface.request}, ensure_ascii=False)
                local.execute(
                    "INSERT INTO hotline.delivery (interface, key, content_hash, state, written_at, body, body_sha256,"
                    " settled_at) VALUES (%s, %s, 'x', 'delivered', now(), %s, 'x', now())",
                    [name, _key(interface), body.encode()],
                )
        _plant_beside(local)
    return Canary()


def _plant_beside(local: psycopg.Connection[Any]) -> None:
    order = contract()["putTsBusiRegInfoData"]
    body = json.dumps({each.name: _text(order, each) for each in order.request}, ensure_ascii=False)
    answer = json.dumps({"data": [{"regino": ORDER, "proname": CITIZEN["name"], "protel": PHONE, "x": TEXT}]})
    rows: dict[str, dict[str, object]] = {
        "order_source": {"interface": order.name, "key": ORDER, "body": body.encode(), "written_at": "now"},
        "landing": {
            "interface": "getTsBusiCaseInfoData",
            "answer_sha256": b"x",
            "answer": f"{answer} {PHONE}".encode(),
            "row_count": 1,
            "requested_at": "now",
        },
        "quarantined_answer": {
            **{"interface": "getTsBusiCaseInfoData", "key": ORDER, "content_hash": b"x", "reasons": ["proname:length"]},
            **{"raw": answer.encode(), "first_seen_at": "now", "last_seen_at": "now"},
        },
        "quarantined_note": {
            **{"docking_table": "order_urge", "note_key": "n", "regino": ORDER, "content_hash": b"x"},
            **{
                "reasons": ["row:refused"],
                "body": json.dumps({"remark": TEXT}, ensure_ascii=False),
                "written_at": "now",
            },
        },
        "order_completion": {
            **{"interface": order.name, "regino": ORDER, "field": "proname", "value": CITIZEN["name"]},
            **{"actor": "operator", "reason": REASON},
        },
        "order_supplement": {
            **{"note_key": "s", "supplementid": "s", "regino": ORDER, "supplementtime": "", "content": TEXT},
            **{"content_hash": b"x", "written_at": "now"},
        },
        "order_urge": {
            **{"note_key": "u", "urgeid": "u", "regino": ORDER, "urgetime": "", "urger": CITIZEN["name"]},
            **{"remark": TEXT, "content_hash": b"x", "written_at": "now"},
        },
        "order_audit": {
            **{"interface": order.name, "regino": ORDER, "content_hash": b"x", "decision": "return"},
            **{"office": "office", "person": STAFF["name"], "reason": REASON},
        },
        "operator_action": {
            **{"actor": "operator", "action": "replay", "interface": order.name, "key": ORDER},
            **{"state_before": "rejected", "state_after": "waiting", "reason": REASON},
        },
        "seat": {
            **{"seatno": "8001", "seatname": STAFF["name"], "sourcearea": "440203", "unitcode": "", "enabled": "1"},
            "content_hash": b"x",
        },
    }
    for table, row in rows.items():
        _insert(local, table, row)


def _row(interface: Interface, number: int, suffix: str) -> dict[str, object]:
    row: dict[str, object] = {"row_id": number}
    row |= {each.column: _text(interface, each) for each in interface.record if each.kind == "text" and not each.format}
    row |= {each.column: "2026-09-01 10:00+08" for each in interface.record if each.kind in {"time", "timestamp"}}
    row |= {each.column: "2026-09-01 10:00+08" for each in interface.record if each.format == "moment"}
    row |= {each.column: "2026-09-01" for each in interface.record if each.kind == "date"}
    if interface.kind == "report":
        return row | {"content_hash": b"x", "written_at": "now", "loaded_at": "now"}
    row |= {"flags": [], "content_hash": b"x", "source": interface.name, "requested_at": "now", "loaded_at": "now"}
    return row | ({"replaced_by": "now"} if suffix else {})


def _key(interface: Interface) -> str:
    return CALL if interface.flow == "telephony" else ORDER


def _text(interface: Interface, known: Field) -> str:
    if known.personal:
        return value_of(known)
    if known.column in {interface.key_column, interface.belongs_to[1]}:
        return _key(interface)
    return ""


def _insert(local: psycopg.Connection[Any], table: str, row: Mapping[str, object]) -> None:
    places = ", ".join(["%s"] * len(row))
    statement = f"INSERT INTO hotline.{table} ({', '.join(row)}) OVERRIDING SYSTEM VALUE VALUES ({places})"
    local.execute(statement.encode(), list(row.values()))


@contextmanager
def reader(conninfo: str, *roles: str) -> Iterator[psycopg.Connection[Any]]:
    """A session in autocommit of an account that logs in and has these roles alone."""
    name = "canary_" + "_".join(roles)
    with psycopg.connect(conninfo, autocommit=True) as owner:
        if not owner.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).rowcount:
            owner.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'canary'").format(sql.Identifier(name)))
        for role in roles:
            owner.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), sql.Identifier(name)))
    with psycopg.connect(make_conninfo(conninfo, user=name, password="canary"), autocommit=True) as session:
        yield session


def analyst(conninfo: str) -> Any:
    """A session with the rights of an analyst."""
    return reader(conninfo, "hotline_analyst")


def text_reader(conninfo: str) -> Any:
    """A session of an analyst who may read texts besides."""
    return reader(conninfo, "hotline_analyst", "hotline_text_reader")


def auditor(conninfo: str) -> Any:
    """A session with the rights of an auditor."""
    return reader(conninfo, "hotline_auditor")
