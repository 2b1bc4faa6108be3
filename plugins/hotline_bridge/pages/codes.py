"""编码 (specification 4.2.18): the code lists, their origin and versions, codes in none, and lists that are delivered.

A delivered file is judged and kept aside; what it would change is shown, and it counts from when that was confirmed.
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from hotline_bridge.by_hand import ByHand
from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.failpoints import reached
from hotline_bridge.pages.asked import ROWS, Asked, Fields, Moved, NoSuchThing, Shown, is_number, place
from hotline_bridge.pages.rights import Right
from hotline_bridge.standard_data.delivered_file import LARGEST_FILE, Unusable, read_delivered
from hotline_bridge.standard_data.delivery import (
    find_delivery,
    keep_upload,
    preview_of,
    put_in_use,
    withdraw,
)
from hotline_bridge.standard_data.lists import code_lists, read_list
from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from psycopg.sql import SQL

    from hotline_bridge.standard_data.delivery import Delivery, Preview

MOST_BYTES = LARGEST_FILE + 64 * 1024
DELIVERY_STATES = {"uploaded": "待确认", "in_use": "使用中", "replaced": "已被代替", "withdrawn": "已撤销"}


def show(asked: Asked) -> Shown:
    """All lists; or one, or what a delivery would change."""
    fields = Fields(asked.given)
    if "delivery" in asked.given:
        return _preview(asked, fields, 200)
    if "list" in asked.given:
        return _list(asked, fields, 200)
    return Shown("codes.html.j2", {"lists": code_lists(), "found": _by_list(asked)})


def act(asked: Asked) -> Shown | Moved:
    """Takes a delivered list in, puts one in use, or takes one back."""
    fields = Fields(asked.given)
    if "delivery" in asked.given:
        return _confirm(asked, fields)
    category = _category(asked)
    if "withdraw" in asked.given:
        reason = _reason(fields)
        if reason is None:
            return _list(asked, fields, 422)
        done = withdraw(asked.local, category, ByHand(asked.actor, reason))
        reached("list-withdrawn")
        return Moved(f"codes?{urlencode({'list': category, 'withdrawn': int(done)})}")
    return _take_in(asked, fields, category)


def _take_in(asked: Asked, fields: Fields, category: str) -> Shown | Moved:
    source, read_on, holds_from = fields.text("source"), fields.day("source_date"), fields.day("holds_from")
    if not source:
        fields.wrong.setdefault("source", "请写明来源，例如文件名称和文号")
    delivered = None
    if asked.upload is None or not asked.upload.name:
        fields.wrong["file"] = "请选择文件"
    else:
        try:
            delivered = read_delivered(asked.upload.name, asked.upload.content)
        except Unusable as error:
            return _list(asked, fields, 422, error.problems)
        is_new = not read_list(asked.local, category)
        if not (delivered.has_days or holds_from or is_new or "holds_from" in fields.wrong):
            fields.wrong["holds_from"] = "请填写启用日期：此前登记的数据仍按原来的含义显示"
    if fields.wrong or delivered is None or asked.upload is None:
        return _list(asked, fields, 422)
    row_id = keep_upload(
        asked.local,
        category,
        delivered,
        actor=asked.actor,
        file_name=asked.upload.name,
        source=source or "",
        source_date=read_on or datetime.now(SHANGHAI).date(),
        holds_from=None if delivered.has_days else holds_from,
    )
    reached("upload-kept")
    return Moved(f"codes?{urlencode({'delivery': row_id})}")


def _confirm(asked: Asked, fields: Fields) -> Shown | Moved:
    delivery = _delivery(asked)
    preview = preview_of(asked.local, delivery)
    reason = _reason(fields)
    if delivery.state == "uploaded" and fields.given.get("seen") != _digest(preview):
        fields.wrong["seen"] = "打开之后代码表已有变化，没有启用；请核对后再次提交"
    if fields.wrong or reason is None:
        return _preview(asked, fields, 422)
    if not put_in_use(asked.local, delivery, preview, ByHand(asked.actor, reason)):
        raise NoSuchThing("这次导入已启用，或已由新的代替。请回到“编码”。")
    reached("list-in-use")
    return Moved(f"codes?{urlencode({'list': delivery.category, 'delivered': 1})}")


def _preview(asked: Asked, fields: Fields, status: int) -> Shown:
    delivery = _delivery(asked)
    if delivery.state != "uploaded":
        raise NoSuchThing("这次导入已启用，或已由新的代替。请回到“编码”。")
    preview = preview_of(asked.local, delivery)
    known = {one.code for one in preview.versions}
    met = asked.local.execute(_sql("unknown"), {"category": delivery.category}).fetchall()
    values = {
        "fields": fields,
        "delivery": delivery,
        "label": code_lists()[delivery.category].zh,
        "preview": preview,
        "parts": [("新增", preview.added), ("名称有变化", preview.changed), ("不再使用", preview.removed)],
        "shown": 200,
        "now_known": sum(1 for _, _, code, *_ in met if code in known),
        "seen": _digest(preview),
        "may_decide": Right.DECIDE in asked.user.rights,
    }
    return Shown("codes_preview.html.j2", values, status)


def _list(asked: Asked, fields: Fields, status: int, problems: tuple[str, ...] = ()) -> Shown:
    category = _category(asked)
    after_code, after_id = fields.after("after", (str, int)) or (None, None)
    wanted = {
        "category": category,
        "text": fields.text("text"),
        "after_code": after_code,
        "after_id": after_id,
        "limit": ROWS + 1,
    }
    found = asked.local.execute(_sql("versions"), wanted).fetchall()
    met = asked.local.execute(_sql("unknown"), {"category": category}).fetchall()
    values = {
        "category": category,
        "label": code_lists()[category].zh,
        "found": found[:ROWS],
        "next": place(found[ROWS - 1][1], found[ROWS - 1][0]) if len(found) > ROWS else None,
        "unknown": [(contract()[name].label_zh, *rest) for name, *rest in met if name in contract()],
        "deliveries": asked.local.execute(_sql("deliveries"), {"category": category, "limit": ROWS}).fetchall(),
    }
    more = {
        "fields": fields,
        "problems": problems,
        "states": DELIVERY_STATES,
        "may_decide": Right.DECIDE in asked.user.rights,
        "most_mb": LARGEST_FILE >> 20,
    }
    return Shown("codes_list.html.j2", {**values, **more}, status)


def _by_list(asked: Asked) -> dict[str, tuple[object, ...]]:
    """Versions, codes of today, origin, its day, codes that are unknown, and who delivered it; by list."""
    return {name: tuple(rest) for *rest, name in asked.local.execute(_sql("lists"))}


def _category(asked: Asked) -> str:
    category = asked.given.get("list", "")
    if category not in code_lists():
        raise NoSuchThing("没有这张代码表。请回到“编码”。")
    return category


def _delivery(asked: Asked) -> Delivery:
    row_id = asked.given.get("delivery", "")
    found = find_delivery(asked.local, int(row_id)) if is_number(row_id) else None
    if found is None or found.category not in code_lists():
        raise NoSuchThing("没有这次导入。请回到“编码”重新选择文件。")
    return found


def _reason(fields: Fields) -> str | None:
    reason = fields.text("reason")
    if not reason:
        fields.wrong.setdefault("reason", "请写明原因")
    return reason


def _digest(preview: Preview) -> str:
    """Of all that a delivery would make of the list, and of what it would change."""
    parts = (preview.versions, preview.added, preview.changed, preview.removed)
    return sha256(json.dumps([[*map(str, part)] for part in parts]).encode()).hexdigest()


def _sql(name: str) -> SQL:
    return read_sql("pages/codes.sql", name)
