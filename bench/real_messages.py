"""Real citizens' messages as complaint orders of the sandbox's world, collected: every text has to arrive as it was.

    PYTHONPATH=. .venv/bin/python -m bench.real_messages FILE

The workbook is not part of the project (its licence is not stated): its path is an argument. 留言编号 becomes the
order's number, 留言时间 its registration, 留言详情 the content of the complaint; `PLACEHOLDER`, a printed code or the
registration stands in fields that the specification demands and the workbook lacks. No row is shown or kept.
"""

from __future__ import annotations

import argparse
import json
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import uvloop

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.collect import collect
from hotline_bridge.inbound.schedule import REFRESH_POLICY
from hotline_bridge.platform_client.settings import PlatformSettings
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.sample.traffic import SHANGHAI
from hotline_sandbox.server.control import running_sandbox
from hotline_sandbox.server.settings import DEFAULT_APP_ID, DEFAULT_TOKEN
from hotline_sandbox.server.world.orders import Order, Shown

PLACEHOLDER = "无"
CASES = contract()["getTsBusiCaseInfoData"]
_CONTENT = next(field for field in CASES.response if field.name == "complacontent")
_COLUMNS = ("留言编号", "留言时间", "留言详情")
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  (clock readings, like all of the workbook)
_AT_ONCE = 200


class Message(NamedTuple):
    """One line of the workbook."""

    number: str
    written: datetime
    """Aware."""
    text: str


def read_messages(file: Path) -> list[Message]:
    """The messages of the first sheet, each number once, in the sheet's order.

    Raises:
        ValueError: A column is missing; names it.
    """
    lines = _lines(file)
    titles = {title: letter for letter, title in next(lines).items()}
    if missing := [name for name in _COLUMNS if name not in titles]:
        raise ValueError(f"{file.name} has no column {missing[0]}: see the description of the file")
    number, written, text = (titles[name] for name in _COLUMNS)
    found = (Message(line[number], _moment(line[written]), line.get(text, "")) for line in lines)
    return list({message.number: message for message in found}.values())


def _lines(file: Path) -> Iterator[dict[str, str]]:
    """Cells by column letter, line by line."""
    with zipfile.ZipFile(file) as book:
        shared = []
        if "xl/sharedStrings.xml" in book.namelist():
            root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))  # noqa: S314  (the user's own file)
            shared = [_joined(item) for item in root]
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))  # noqa: S314  (likewise)
    for row in sheet.iter(f"{_MAIN}row"):
        cells = {}
        for cell in row.iter(f"{_MAIN}c"):
            value = cell.findtext(f"{_MAIN}v") or ""
            if cell.get("t") == "s":
                value = shared[int(value)]
            elif cell.get("t") == "inlineStr":
                value = _joined(cell)
            cells[re.sub(r"\d", "", str(cell.get("r")))] = value
        if cells:
            yield cells


def _joined(item: ElementTree.Element) -> str:
    """The text of its runs; characters that XML cannot hold are written as _x000D_."""
    text = "".join(part.text or "" for part in item.iter(f"{_MAIN}t"))
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def _moment(text: str) -> datetime:
    """A number of days, or a text such as 2019/1/5 9:30:00."""
    if re.fullmatch(r"[0-9.]+", text):
        reading = _EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86_400))
    else:
        reading = datetime(*(int(part) for part in re.findall(r"\d+", text)))  # type: ignore[arg-type]  # noqa: DTZ001
    return reading.replace(tzinfo=SHANGHAI)


def as_order(message: Message) -> Order:
    """The complaint that the message would have become."""
    registered = f"{message.written:%Y%m%d%H%M%S}"
    row: dict[str, object] = {}
    for field in CASES.response:
        if field.required is True and field.name not in {CASES.key, "registime"}:
            filler = next(iter(field.codes or ()), PLACEHOLDER)
            row[field.name] = registered if field.format == "moment" else filler
    return Order(
        regino=message.number,
        registered=registered,
        rows=[Shown(table=str(CASES.table), row={**row, _CONTENT.name: message.text})],
    )


def main() -> None:
    """Load, collect and compare; ends with 1 where a text is not what it was."""
    parser = argparse.ArgumentParser(prog="python -m bench.real_messages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", type=Path, help="the workbook (xlsx)")
    messages = read_messages(parser.parse_args().file)
    with throwaway_postgres() as server, running_sandbox() as platform:
        server.create_database("local")
        local_store = server.conninfo("local")
        migrate_local(local_store)
        for at in range(0, len(messages), _AT_ONCE):
            platform.world.put(*(as_order(message) for message in messages[at : at + _AT_ONCE]))
        first = min(message.written for message in messages)
        last = max(message.written for message in messages)
        settings = PlatformSettings(platform.base_url, DEFAULT_APP_ID, DEFAULT_TOKEN)
        within = (first, last + timedelta(seconds=1))
        counts = uvloop.run(
            collect([CASES], local_store, settings, policy=REFRESH_POLICY, collect_from=first, within=within)
        )
        with connect(local_store) as local:
            arrived: dict[str, str] = dict(
                local.execute("SELECT regino, complacontent FROM hotline.complaint_case").fetchall()
            )
            held = [
                (json.loads(bytes(raw)), reasons)
                for raw, reasons in local.execute("SELECT raw, reasons FROM hotline.quarantined_answer").fetchall()
            ]
    kept = {row[CASES.key]: (row[_CONTENT.name], tuple(reasons)) for row, reasons in held}
    found: Counter[str] = Counter()
    for message in messages:
        short = len(message.text) <= (_CONTENT.limit or 0)
        if short and arrived.get(message.number) == message.text:
            found["arrived equal"] += 1
            found["  of which begin with a line break"] += message.text[:1] in {"\n", "\r"}
            found["  of which hold NBSP"] += "\u00a0" in message.text
        elif not short and kept.get(message.number) == (message.text, (f"{_CONTENT.name}:length",)):
            found["longer, in quarantine equal"] += 1
        else:
            found["NOT as it was"] += 1
    print(f"{len(messages)} messages, {first:%Y-%m-%d} to {last:%Y-%m-%d}")
    for what, count in found.items():
        print(f"{count:6} {what}")
    asked = counts[CASES.name]
    print(f"{asked.requests} requests, {asked.cut} answers cut, {asked.incomplete_seconds} seconds incomplete")
    if found["NOT as it was"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
