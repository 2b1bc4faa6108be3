"""What `hotline check` says of where connections lead: of one city into its stores, of two cities never into one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

from airflow.sdk.configuration import conf

from hotline_bridge.cities import acting_for, here
from hotline_bridge.errors import HotlineError
from hotline_bridge.hooks.connections import find_connection, optional_connection
from hotline_bridge.hooks.postgres import conninfo
from hotline_bridge.platform_client.settings import CONNECTION as PLATFORM
from hotline_bridge.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hotline_bridge.cities import City

T = TypeVar("T")

STORES = ("docking_db", "local_db")
_ALSO = {"docking_gateway_db": "docking_db", "gateway_db": "local_db", "pages_db": "local_db", "analyst_db": "local_db"}
"""Optional connections: each leads into the store of another one, by an account that may less."""
_TASKS_AT_ONCE = 18
"""Of one city at most: each of its DAGs runs once at a time, two of them write a page beside their verdict, and three
watch until their next run has taken over."""

_PLACE = "SELECT pg_postmaster_start_time()::text, current_database()"
_MAY_CONNECT = "SELECT has_database_privilege(%s, 'CONNECT')"


class Place(NamedTuple):
    """A database, whichever name or address of its server leads there."""

    server: str
    """When it was started, to the microsecond: what any account may ask, and no two servers share."""
    database: str


def astray() -> Iterator[str]:
    """Of the city at hand: connections that lead into another database than the one that they stand beside."""
    for name, beside in _ALSO.items():
        if optional_connection(name) is None:
            continue
        with suppress(HotlineError):  # a store that does not answer is told elsewhere
            if (place := _place(name)) != _place(beside):
                yield (
                    f"connection {here().named(name)} leads into database {place.database}, which is not that of"
                    f" {here().named(beside)}: name the same server and database in both"
                )


def shared_findings(cities: Sequence[City]) -> Iterator[tuple[Literal["warning", "bad"], str]]:
    """Level and text of what two cities have in common that each must have for itself."""
    stores: dict[City, dict[str, Place]] = {city: {} for city in cities}
    app_ids: dict[City, str] = {}
    for city in cities:
        with acting_for(city):
            for name in STORES:
                with suppress(HotlineError):  # told with the city's own findings
                    stores[city][name] = _place(name)
            with suppress(HotlineError):
                app_ids[city] = find_connection(PLATFORM).login
    leading = [(place, city.named(name), city) for city in cities for name, place in stores[city].items()]
    for place, names in _common(leading):
        yield (
            "bad",
            f"{names} lead into one database, {place.database}: rows of these cities would mix; "
            "give each city a database of its own",
        )
    of_platform = [(app_id, city.named(PLATFORM), city) for city, app_id in app_ids.items() if app_id]
    for _, names in _common(of_platform):
        yield "bad", f"{names} have one AppId: the platform would take these cities for one; give each its own"
    yield from _open_doors(stores)
    if (slots := conf.getint("core", "parallelism")) < (wanted := _TASKS_AT_ONCE * len(cities)):
        yield (
            "warning",
            f"Airflow runs {slots} tasks at once, and {len(cities)} cities can have {wanted}: one whose stores stand"
            f" still could keep others waiting; set AIRFLOW__CORE__PARALLELISM to {wanted} or more",
        )


def _common(found: Sequence[tuple[T, str, City]]) -> Iterator[tuple[T, str]]:
    """What more than one city has, with the names of the connections that lead there."""
    by_thing: dict[T, list[tuple[str, City]]] = {}
    for thing, name, city in found:
        by_thing.setdefault(thing, []).append((name, city))
    for thing, named in by_thing.items():
        if len({city for _, city in named}) > 1:
            yield thing, " and ".join(name for name, _ in named)


def _open_doors(stores: dict[City, dict[str, Place]]) -> Iterator[tuple[Literal["warning"], str]]:
    """Accounts of a city that the server lets into the database of another."""
    for city, own in stores.items():
        for name, place in own.items():
            others = sorted(
                {
                    there.database
                    for other, theirs in stores.items()
                    for there in theirs.values()
                    if other != city and there.server == place.server and there.database != place.database
                }
            )
            with acting_for(city), suppress(HotlineError), connect(conninfo(name)) as session:
                for database in others:
                    [(is_open,)] = session.execute(_MAY_CONNECT, [database]).fetchall()
                    if is_open:
                        yield (
                            "warning",
                            f"the account of connection {city.named(name)} may connect to database {database}, another"
                            " city's: revoke CONNECT on it from PUBLIC, and grant it to that city's accounts",
                        )


def _place(name: str) -> Place:
    with connect(conninfo(name)) as session:
        [(server, database)] = session.execute(_PLACE).fetchall()
        return Place(server, database)
