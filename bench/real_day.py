"""Puts one real day of a call centre into the docking store, as the main job's input.

The file is not part of the project (its licence is not stated): its path is an argument. Nothing is invented to make
rows pass; what the log does not know stays empty, so that the row rules judge what they would judge in service:

* A call's `callid` is the area, the line and the call's number: the serial number of the telephone platform.
* `vru_entry` becomes calltime, `q_start` skilltime, `ser_start` seattime, and `q_exit` ringtime: leaving the queue is
  the nearest thing to ringing that the log knows. `0:00:00` means none.
* A call entered a seat when its outcome is AGENT and a service began. HANG left, PHANTOM was a call of the machine:
  neither has a seattime, whatever the file says of a service. Served calls that met no queue lack skilltime and
  ringtime, which the specification demands of them.
* Callers' numbers are not in the file: `NO_NUMBER` stands in their place. Neither are ratings; `ratings` makes them up.
* A server is signed in from the first second of its first service to the last second of its last.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from hotline_bridge.contract.reader import contract
from hotline_bridge.store.database import connect
from hotline_sandbox.sample.load import copy_rows
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.sample.world import RATED, RATINGS, Row

NO_NUMBER = "未知"
NO_SERVER = "NO_SERVER"
NONE = "0:00:00"


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the file, as far as it is mapped; times are times of day, None where the file has none."""

    serial: str
    entered: str | None
    queued: str | None
    left_queue: str | None
    served: str | None
    ended: str | None
    server: str

    @classmethod
    def of(cls, line: dict[str, str]) -> Call:
        """Reads a line by the names of the file's first line."""
        entered_seat = line["outcome"] == "AGENT" and line["ser_start"] != NONE
        return cls(
            serial=line["vru+line"] + line["call_id"],
            entered=_time(line["vru_entry"]),
            queued=_time(line["q_start"]),
            left_queue=_time(line["q_exit"]),
            served=_time(line["ser_start"]) if entered_seat else None,
            ended=_time(line["ser_exit"]) if entered_seat else None,
            server=line["server"],
        )


def _time(text: str) -> str | None:
    """`7:05:09` as `070509`; whether it is a time at all is for the row rules to say."""
    return None if text == NONE else "".join(part.zfill(2) for part in text.split(":"))


def read_calls(path: Path) -> list[Call]:
    """The calls of the file in its order, exact duplicates included.

    Raises:
        ValueError: The file lacks a column; the message names the first one that is missing.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            return [Call.of(line) for line in csv.DictReader(file)]
        except KeyError as error:
            raise ValueError(f"{path.name} has no column {error}: see the description of the file") from None


def call_log(calls: list[Call], day: str, area: str) -> Iterator[Row]:
    """Every call (话务日志)."""
    for call in calls:
        yield {
            "callid": area + call.serial,
            "callno": NO_NUMBER,
            "sourcearea": area,
            "calltime": _at(day, call.entered),
            "skilltime": _at(day, call.queued),
            "seattime": _at(day, call.served),
            "ringtime": _at(day, call.left_queue) if call.served else None,
            "calltype": "1",
        }


def recording_log(calls: list[Call], day: str, area: str) -> Iterator[Row]:
    """Every served call (录音日志)."""
    for call in calls:
        if call.served:
            name = f"{call.serial}.wav"
            yield {
                "recordid": f"{area}1{area}{call.serial}",
                "callid": area + call.serial,
                "recordname": name,
                "recordpath": f"https://recordings.invalid/{day}/{name}",
                "begintime": _at(day, call.served),
                "endtime": _at(day, call.ended),
                "sourcearea": area,
                "calltype": "1",
            }


def seat_login_log(calls: list[Call], day: str, area: str) -> Iterator[Row]:
    """Every server that served (坐席工作日志)."""
    served = [call for call in calls if call.served and call.server != NO_SERVER]
    for server in sorted({call.server for call in served}):
        begin = min(call.served or "" for call in served if call.server == server)
        end = max(call.ended or "" for call in served if call.server == server)
        yield {
            "signid": f"{area}{server}{day}{begin}",
            "seatno": server,
            "seatname": server,
            "begintime": day + begin,
            "endtime": _at(day, end or None),
            "sourcearea": area,
        }


def satisfaction_log(calls: list[Call], day: str, area: str) -> Iterator[Row]:
    """Made-up ratings for the sample's share of the served calls (满意度), always the same ones."""
    rng = random.Random(12345)  # noqa: S311  (repeatable, no secret)
    for call in calls:
        if call.served and rng.random() < RATED:
            yield {
                "id": f"{area}{area}{call.serial}",
                "callid": area + call.serial,
                "satisfaction": rng.choices(list(RATINGS), list(RATINGS.values()))[0],
                "opttime": _at(day, call.ended),
                "sourcearea": area,
            }


def _at(day: str, time: str | None) -> str | None:
    return None if time is None else day + time


MAPPINGS: dict[str, Callable[[list[Call], str, str], Iterator[Row]]] = {
    "callinfo": call_log,
    "recordinfo": recording_log,
    "seatsignin": seat_login_log,
}


def import_day(conninfo: str, csv_path: Path, day: date, area: str, *, ratings: bool = False) -> dict[str, int]:
    """Adds the day to the docking store in one transaction.

    Args:
        conninfo: libpq connection string of the docking store.
        csv_path: The file.
        day: The day on which it shall have been.
        area: Area code of the hotline (受理地行政区划代码).
        ratings: Whether ratings are made up; the file has none.

    Returns:
        Rows written, by table.

    Raises:
        ValueError: The file lacks a column.
        StopRun: The docking tables are missing, or the account is refused.
        TryAgainLater: The server cannot be reached.
    """
    calls = read_calls(csv_path)
    mappings = {**MAPPINGS, "satisfaction": satisfaction_log} if ratings else MAPPINGS
    now = datetime.now(SHANGHAI)
    written: dict[str, int] = {}
    with connect(conninfo) as connection, connection.transaction():
        for name, mapping in mappings.items():
            interface = contract()[name]
            rows = list(mapping(calls, f"{day:%Y%m%d}", area))
            copy_rows(connection, interface, ((row, now) for row in rows))
            written[str(interface.table)] = len(rows)
    return written


def main(arguments: list[str] | None = None) -> None:
    """The command: `python -m bench.real_day FILE`."""
    parser = argparse.ArgumentParser(prog="python -m bench.real_day", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="the call log of the day (CSV)")
    parser.add_argument(
        "--docking",
        default="",
        help="libpq connection string without password; PGPASSWORD and the like fill in the rest",
    )
    parser.add_argument("--day", type=date.fromisoformat, default=date(2026, 11, 23), help="YYYY-MM-DD")
    parser.add_argument("--area", default="440200", help="six digits (default: %(default)s, 韶关市)")
    parser.add_argument("--ratings", action="store_true", help="make up ratings, which the file does not have")
    given = parser.parse_args(arguments)
    for table, rows in import_day(given.docking, given.file, given.day, given.area, ratings=given.ratings).items():
        print(f"docking.{table}: {rows}")


if __name__ == "__main__":
    main()
