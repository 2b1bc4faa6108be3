"""Fills an empty local store with years of an invented city, set by set in SQL: what analysts' questions are tried on.

It stores what the bridge would have stored, without any platform: logs, orders and all that became of them, with
corrections, returns, urges, extensions, repeated feedback, days that did not agree at first. Companies and problems
grow, one company is written in several ways, callers call again, holidays are quiet and the days after them are not.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from faker import Faker
from psycopg import ClientCursor, sql
from stdnum.cn import uscc

from hotline_bridge.contract.reader import contract
from hotline_bridge.errors import StopRun
from hotline_bridge.standard_data.lists import load_standard_data
from hotline_bridge.store.database import connect
from hotline_bridge.store.typed_tables import typed_interfaces
from hotline_bridge.time_limits.load import load_time_limits
from hotline_sandbox.sample import case_texts as texts
from hotline_sandbox.sample.areas import AREAS, CALL_SHARES
from hotline_sandbox.sample.case_rows import MOBILES
from hotline_sandbox.sample.order_rows import INTERFACES
from hotline_sandbox.sample.traffic import HOURLY, SHANGHAI, WORKING_WEEK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg import Connection


MOST_ORDERS = 0.4
"""Orders a call, at most: so many calls are answered, and so many others are not."""
TELEPHONE = 0.85
"""Of the orders: 12345 wrote them; the others came to the platform by itself. Assumed."""
_PERSONS = 5_000
_CALLS_A_SEAT = 110
"""A day. Assumed."""
_KINDS = {"complaint": "1", "report": "2", "consultation": "3"}


@dataclass(frozen=True, slots=True)
class Years:
    """What to make; the same makes the same rows, to the last character.

    Raises:
        ValueError: There are more orders than the calls can lead to, or no time for them.
    """

    calls: int = 1_000_000
    orders: int = 100_000
    begin: date = date(2024, 1, 1)
    end: date = date(2026, 11, 1)
    """The first day of which nothing is known: whatever would have happened later has not happened yet."""
    seed: int = 1
    named: bool = False
    """With invented names for codes whose lists are not delivered; `hotline calendar` takes them away again."""

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if not 0 < self.orders <= MOST_ORDERS * self.calls:
            raise ValueError(f"orders must be between 1 and {MOST_ORDERS} times the calls")
        if (self.end - self.begin).days < 7:
            raise ValueError("the time between begin and end must be a week or more")

    @property
    def months(self) -> Iterator[tuple[datetime, datetime]]:
        """Begin and end of each month, cut at both ends; aware, Asia/Shanghai."""
        firsts = [self.begin]
        while (first := (firsts[-1].replace(day=1) + timedelta(days=32)).replace(day=1)) < self.end:
            firsts.append(first)
        return ((_midnight(one), _midnight(next_one)) for one, next_one in pairwise([*firsts, self.end]))


def fill_years(conninfo: str, years: Years, *, progress: Callable[[int], None] | None = None) -> dict[str, int]:
    """Fill an empty local store, a transaction a month.

    Args:
        conninfo: libpq connection string of the local store.
        years: What to make.
        progress: Told after each month how many calls have been made so far.

    Returns:
        Rows of each typed table and its history.

    Raises:
        StopRun: The store holds calls or orders already, or a right is missing.
        TryAgainLater: The local store cannot be reached.
    """
    with connect(conninfo) as local:
        if local.execute(
            "SELECT FROM hotline.call_log UNION ALL SELECT FROM hotline.delivery UNION ALL"
            " SELECT FROM hotline.complaint_case LIMIT 1"
        ).rowcount:
            raise StopRun("the local store holds rows already", remedy="use an empty one: invented rows never leave it")
        for setting in ("synchronous_commit = off", "statement_timeout = 0", "work_mem = '128MB'"):
            local.execute(f"SET {setting}".encode())
        load_time_limits(local)
        load_standard_data(local)
        given = _given(years)
        if years.named:
            _run(local, "years_names.sql", given)
        _run(local, "years_begin.sql", given)
        _fill_pools(local, given)
        first_made = 0
        for begins, ends in years.months:
            with local.transaction():
                made = first_made + _calls_between(local, begins, ends)
                _run(local, "years_calls.sql", {**given, "from": begins, "to": ends})
                _run(local, "years_orders.sql", {**given, **_orders_of(years, first_made, made)})
                for kind in _KINDS:
                    _put_orders(local, kind, given)
                _run(local, "years_lives.sql", given)
            first_made = made
            if progress:
                progress(made)
        _run(local, "years_end.sql", given)
        local.execute("ANALYZE")
        tables = (f"{known.table}{suffix}" for known in typed_interfaces() for suffix in ("", "_history"))
        return {table: _count(local, table) for table in tables}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _given(years: Years) -> dict[str, Any]:
    """What the SQL files are told."""
    faker = Faker("zh_CN")
    faker.seed_instance(years.seed)
    people = [faker.name() for _ in range(_PERSONS)]
    days = (years.end - years.begin).days
    return {
        "seed": years.seed,
        "calls": years.calls,
        "orders": years.orders,
        "begin": years.begin,
        "end": years.end,
        "hourly": list(HOURLY),
        "week": list(WORKING_WEEK),
        "areas": list(AREAS),
        "area_names": list(AREAS.values()),
        "shares": [share / sum(CALL_SHARES) for share in list(accumulate(CALL_SHARES))[:-1]],
        "seats": max(10, round(years.calls / days / _CALLS_A_SEAT)),
        "companies": max(40, years.orders // 60),
        "persons": _PERSONS,
        "people": people[:400],
        "all_people": people,
        "mobiles": list(MOBILES),
        "kinds": list(_KINDS),
        "interfaces": [INTERFACES[code] for code in _KINDS.values()],
        "problems": [code for code, _ in texts.PROBLEMS],
        "problem_names": [name for _, name in texts.PROBLEMS],
        "goods_codes": [code for code, _, _, _ in texts.GOODS],
        "goods_types": [name for _, name, _, _ in texts.GOODS],
        "goods": [name for _, _, name, _ in texts.GOODS],
        "brands": [brand for _, _, _, brand in texts.GOODS],
        "complaints": list(texts.COMPLAINTS),
        "reports": list(texts.REPORTS),
        "questions": list(texts.QUESTIONS),
        "answers": list(texts.ANSWERS),
        "appeals": list(texts.APPEALS),
        "roads": list(texts.ROADS),
        "returns": list(texts.RETURNS),
        "extensions": list(texts.EXTENSIONS),
        "urges": list(texts.URGES),
        "steps": list(texts.STEPS),
        "results": list(texts.RESULTS),
    }


def _orders_of(years: Years, first_made: int, made: int) -> dict[str, int]:
    """How many orders the calls of a month lead to, and how many there were before: exact in total."""
    telephone = round(years.orders * TELEPHONE)
    network = years.orders - telephone

    def until(calls: int, orders: int) -> int:
        return calls * orders // years.calls

    return {
        "telephone_first": until(first_made, telephone),
        "telephone": until(made, telephone) - until(first_made, telephone),
        "network_first": telephone + until(first_made, network),
        "network": until(made, network) - until(first_made, network),
    }


def _fill_pools(local: Connection, given: dict[str, Any]) -> None:
    """People and companies; of these the first four grow, and half have a credit code."""
    rng = random.Random(f"years {given['seed']}")  # noqa: S311  (a repeatable sample, no secret)
    faker = Faker("zh_CN")
    faker.seed_instance(given["seed"] + 1)
    with local.cursor().copy("COPY pg_temp.made_person FROM STDIN") as copy:
        for row in enumerate(given["all_people"]):
            copy.write_row(row)
    with local.cursor().copy("COPY pg_temp.made_company FROM STDIN") as copy:
        for number in range(given["companies"]):
            code = f"91440200{rng.randrange(10**9):09d}"
            has_code = number < 2 or rng.random() < 0.5
            copy.write_row((number, faker.company(), code + str(uscc.calc_check_digit(code)) if has_code else None))


def _calls_between(local: Connection, begins: datetime, ends: datetime) -> int:
    query = "SELECT coalesce(sum(calls), 0)::bigint FROM made_hour WHERE begins >= %s AND begins < %s"
    [(calls,)] = local.execute(query, [begins, ends]).fetchall()
    return int(calls)


def _put_orders(local: Connection, kind: str, given: dict[str, Any]) -> None:
    """Orders of one kind into the table of the request and that of the case, with what they said before."""
    sent = contract()[INTERFACES[_KINDS[kind]]]
    case = next(known for known in contract().values() if known.table == f"{kind}_case" and known.kind == "query")
    there = {
        name
        for (name,) in local.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'made_order'::regclass AND attnum > 0"
        ).fetchall()
    }
    for name, interface, fields in (("order", sent, sent.request), ("case", case, case.response)):
        columns = sql.SQL(", ").join(sql.Identifier(field.column) for field in fields if field.column in there)
        _run(
            local,
            f"years_{name}.sql",
            {**given, "kind": kind, "source": interface.name},
            table=sql.Identifier("hotline", str(interface.table)),
            history=sql.Identifier("hotline", f"{interface.table}_history"),
            columns=columns,
        )


def _run(local: Connection, file: str, given: dict[str, Any], **names: sql.Composable) -> None:
    """Run a file of several statements; parameters are bound by the client, as only that takes several."""
    text = files("hotline_sandbox.sample").joinpath(file).read_text(encoding="utf-8")
    statement = sql.SQL(text).format(**names) if names else sql.SQL(text)
    ClientCursor(local).execute(statement, given)


def _count(local: Connection, table: str) -> int:
    [(rows,)] = local.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("hotline", table))).fetchall()
    return int(rows)
