"""工单查询 (specification 4.3): orders by what is known of them; those returned, routed or finished; page by page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from psycopg import sql
from psycopg.rows import namedtuple_row

from hotline_bridge.names import ORDER_KINDS_ZH
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Moved, Shown, place
from hotline_bridge.pages.rights import Right
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CHANNELS: Mapping[str, str] = MappingProxyType({"telephone": "电话", "network": "网络"})
STAGES: Mapping[str, str] = MappingProxyType(
    {
        "1 unreported": "未上报",
        "2 reported": "已上报",
        "3 accepted": "已受理",
        "4 filed": "已立案",
        "5 returned": "已退回",
        "6 finished": "已办结",
        "7 withdrawn": "平台不再给出",
    }
)
"""How far an order is, as `hotline.order_stage` tells."""
ORDER_STATES: Mapping[str, str] = MappingProxyType(
    {"open": "办理中", "overdue": "已超期"} | {stage[2:]: word for stage, word in STAGES.items()}
)
COUNTED = 1_000
"""Orders of a search that are counted; of more it is said that there are more."""
LOOKED_AT = 20_000
"""Orders, the newest of those whose masked name could be it, that are looked through for a name: a second at most."""
_DAYS = 30
_DAYS_OF_PERSON = 366


@dataclass(frozen=True, slots=True)
class List:
    """One list of 4.3, and the time that it is about."""

    name: str
    moment: str
    """Column of `hotline.order_fact`."""
    moment_name: str
    detail: str | None = None
    """The query for what it shows of each order beside."""
    sorts: tuple[str, ...] = ("newest", "oldest")
    """Ways to sort it: keys of `SORTS`."""


LISTS: Mapping[str, List] = MappingProxyType(
    {
        "orders": List("工单", "registered_at", "登记时间", sorts=("newest", "oldest", "due", "state")),
        "returned": List("退回", "returned_at", "退回时间", "returned"),
        "routing": List("流转", "routed_at", "分流时间", "routing"),
        "results": List("办理结果", "finished_at", "办结时间", "results"),
    }
)


@dataclass(frozen=True, slots=True)
class _Sort:
    """A way to sort, and where the next page begins: behind the values of these columns in the last row."""

    name: str
    columns: tuple[str, ...]
    types: tuple[type, ...]
    is_descending: bool = False
    may_lack: bool = False
    """Rows without the first of them come last."""

    @property
    def order(self) -> sql.Composed:
        direction = sql.SQL(" DESC" if self.is_descending else "")
        return sql.SQL(", ").join(sql.Identifier("o", column) + direction for column in self.columns)

    def behind(self, after: Sequence[Any] | None) -> tuple[sql.Composable, Mapping[str, Any]]:
        """The condition for rows behind a place, and its parameters."""
        if after is None:
            return sql.SQL("TRUE"), {}
        lacking = sql.SQL("{} IS NULL").format(sql.Identifier("o", self.columns[0]))
        pairs = [pair for pair in zip(self.columns, after, strict=True) if pair[1] is not None]
        behind: sql.Composable = sql.SQL("({}) {} ({})").format(
            sql.SQL(", ").join(sql.Identifier("o", column) for column, _ in pairs),
            sql.SQL("<" if self.is_descending else ">"),
            sql.SQL(", ").join(sql.Placeholder(f"after_{column}") for column, _ in pairs),
        )
        if len(pairs) < len(self.columns):
            behind = sql.SQL("{} AND {}").format(lacking, behind)
        elif self.may_lack:
            behind = sql.SQL("({} OR {})").format(behind, lacking)
        return behind, {f"after_{column}": value for column, value in pairs}


_OLDEST = _Sort("先前的在前", ("moment", "regino", "kind"), (datetime, str, str))
_SORTS: Mapping[str, _Sort] = MappingProxyType(
    {
        "newest": _Sort("最近的在前", _OLDEST.columns, _OLDEST.types, is_descending=True),
        "oldest": _OLDEST,
        "due": _Sort(
            "办理期限（未办结的）",
            ("due_at", "moment", "regino", "kind"),
            (datetime, datetime, str, str),
            may_lack=True,
        ),
        "state": _Sort("状态", ("stage", "moment", "regino", "kind"), (str, datetime, str, str)),
    }
)
SORTS: Mapping[str, str] = MappingProxyType({key: sort.name for key, sort in _SORTS.items()})


_ANY_MOMENT = sql.SQL("coalesce(o.registered_at, o.taken_at, o.collected_at, now())")


def search(asked: Asked) -> Shown | Moved:
    """The page: a form, and the orders that fit it. A number leads to its order."""
    fields = Fields(asked.given)
    if regino := fields.text("regino"):
        return Moved(f"orders/{quote(regino, safe='')}")
    which = fields.choice("list", {key: one.name for key, one in LISTS.items()}) or "orders"
    sort = fields.choice("sort", SORTS) or "newest"
    if sort not in LISTS[which].sorts:
        sort = "newest"
    since, until = fields.days("first", "last", within=_DAYS)
    state = fields.choice("state", ORDER_STATES)
    company = fields.text("company")
    chosen = _chosen(sql.Identifier("o", LISTS[which].moment), company)
    wanted = {
        "since": since,
        "until": until,
        "kind": fields.choice("kind", ORDER_KINDS_ZH),
        "channel": fields.choice("channel", CHANNELS),
        "unit": fields.text("unit"),
        "seat": fields.text("seat"),
        "company": company,
        "is_open": state in {"open", "overdue"} or (sort == "due" and state is None),
        "is_overdue": state == "overdue",
        "stage": next((stage for stage in STAGES if stage[2:] == state), None),
    }
    way = _SORTS[sort]
    behind, after = way.behind(fields.after("after", way.types))
    query = _sql("orders").format(chosen=chosen, behind=behind, sorting=way.order)
    with asked.local.cursor(row_factory=namedtuple_row) as cursor:
        found = cursor.execute(query, {**wanted, **after, "limit": ROWS + 1}).fetchall()
    [(count,)] = asked.local.execute(_sql("count").format(chosen=chosen), {**wanted, "most": COUNTED + 1}).fetchall()
    last = found[ROWS - 1] if len(found) > ROWS else None
    more = {
        "which": which,
        "sort": sort,
        "count": count,
        "next": place(*(getattr(last, column) for column in way.columns)) if last else None,
        "days": (since, until),
    }
    return _listed(asked, fields, found[:ROWS], more)


def search_person(asked: Asked) -> Shown:
    """The newest orders of a number or a name: asked in the body of a form, so that no address or log holds it.

    That somebody looked for a person is noted, with the key of who it was.
    """
    fields = Fields(asked.given)
    since, until = fields.days("person_first", "person_last", within=_DAYS_OF_PERSON)
    found: Sequence[Any] = []
    is_cut = False
    for name, query in (("phone", "of_phone"), ("name", "of_name")):
        if text := fields.text(name):
            asked_for = {name: text, "since": since, "until": until, "limit": ROWS, "actor": asked.actor}
            named = asked.local.execute(_sql(query), {**asked_for, "most": LOOKED_AT}).fetchall()
            is_cut = any(one[2] for one in named)
            orders = [(regino, kind) for regino, kind, _ in named if regino]
            found = _named(asked, [regino for regino, _ in orders], [kind for _, kind in orders])
            break
    else:
        fields.wrong["phone"] = "请填写号码或姓名"
    more = {
        "which": "orders",
        "sort": "newest",
        "count": len(found),
        "next": None,
        "days": fields.days("first", "last", within=_DAYS),
    }
    more |= {"by_person": True, "is_cut": is_cut}
    return _listed(asked, fields, found, more, 422 if fields.wrong else 200)


def _named(asked: Asked, reginos: Sequence[str], kinds: Sequence[str]) -> Sequence[Any]:
    every = {"since": "-infinity", "until": "infinity"}
    nothing = dict.fromkeys(("kind", "channel", "unit", "seat", "stage"))
    with asked.local.cursor(row_factory=namedtuple_row) as cursor:
        return cursor.execute(
            _sql("named").format(chosen=_chosen(_ANY_MOMENT)),
            {**nothing, **every, "is_open": False, "is_overdue": False, "reginos": reginos, "kinds": kinds},
        ).fetchall()


def _listed(asked: Asked, fields: Fields, found: Sequence[Any], more: Mapping[str, Any], status: int = 200) -> Shown:
    which = LISTS[more["which"]]
    details = {}
    if which.detail:
        reads_texts = Right.DECIDE in asked.user.rights
        rows = asked.local.execute(
            _sql(which.detail), {"reginos": [row.regino for row in found], "reads_texts": reads_texts}
        )
        details = {regino: rest for regino, *rest in rows}
    values = {
        "kinds": ORDER_KINDS_ZH,
        "channels": CHANNELS,
        "states": ORDER_STATES,
        "stages": STAGES,
        "sorts": SORTS,
        "lists": LISTS,
        "counted": COUNTED,
        "details": details,
        "by_person": False,
        "is_cut": False,
        "looked_at": LOOKED_AT,
        "most": ROWS,
    }
    return Shown("orders.html.j2", {**values, "fields": fields, "found": found, **more}, status)


def _chosen(moment: sql.Composable, company: str | None = None) -> sql.Composed:
    source = sql.SQL("({})").format(_sql("of_company")) if company else sql.SQL("hotline.order_fact")
    return _sql("chosen").format(of_moment=moment, source=source)


def _sql(name: str) -> sql.SQL:
    return read_sql("pages/orders.sql", name)
