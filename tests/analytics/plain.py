"""The same subjects computed slowly and plainly with pandas, from the raw tables: what the views are held to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd

from hotline_bridge.clock import SHANGHAI

if TYPE_CHECKING:
    from datetime import date, datetime

    from psycopg import Connection

Row = dict[str, Any]


def raw(local: Connection, query: str) -> pd.DataFrame:
    """A table or view as objects: None stays None, times are aware."""
    cursor = local.execute(query.encode())
    names = [column.name for column in cursor.description or ()]
    return pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)


def table(local: Connection, name: str) -> list[Row]:
    """A raw table, row by row."""
    return raw(local, f"SELECT * FROM hotline.{name}").to_dict("records")  # noqa: S608  (a name of these tests)


def day_of(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(SHANGHAI).date()


def seconds(since: datetime | None, until: datetime | None) -> int | None:
    """Less than a minute backwards is none at all; more is no duration."""
    if since is None or until is None:
        return None
    passed = (until - since).total_seconds()
    return None if passed < -59 else round(max(passed, 0))


def first(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _frame(rows: list[Row], by: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, dtype=object).sort_values(by, ignore_index=True) if rows else pd.DataFrame()


def seat_of(orders: list[Row], recordings: list[Row], callid: str) -> tuple[str | None, str | None]:
    """Seat and number of the first order that names a recording of the call."""
    names = {row["recordname"] for row in recordings if row["callid"] == callid}
    far = pd.Timestamp("9999-01-01", tz=SHANGHAI)
    led = (
        sorted(
            (row["registered_at"] or far, row["regino"], row["kind"], row["seat_code"])
            for row in orders
            if row["record_name"] and row["record_name"] in names
        )
        if names
        else []
    )
    return (led[0][3], led[0][1]) if led else (None, None)


def calls(local: Connection, orders: list[Row]) -> pd.DataFrame:
    recordings = table(local, "recording_log")
    rows = []
    for call in table(local, "call_log"):
        talks = [seconds(r["begintime"], r["endtime"]) for r in recordings if r["callid"] == call["callid"]]
        known = [talk for talk in talks if talk is not None]
        at = call["calltime"].astimezone(SHANGHAI) if call["calltime"] else None
        wait = seconds(call["skilltime"], call["seattime"])
        seat, regino = seat_of(orders, recordings, call["callid"])
        rows.append(
            {
                "callid": call["callid"],
                "area_code": call["sourcearea"],
                "area_name": _area(call["sourcearea"], day_of(at)),
                "day": day_of(at),
                "hour": at.hour if at else None,
                "menu_seconds": seconds(call["calltime"], call["skilltime"]),
                "waiting_seconds": wait,
                "ringing_seconds": seconds(call["ringtime"], call["seattime"]),
                "talking_seconds": sum(known) if known else None,
                "recording_count": len(talks),
                "is_outbound": call["calltype"] == "2",
                "is_queued": call["skilltime"] is not None or call["seattime"] is not None,
                "is_answered": call["seattime"] is not None,
                "is_given_up": (call["calltype"] != "2" and call["skilltime"] is not None and call["seattime"] is None),
                "is_answered_within_15_seconds": None if wait is None else wait <= 15,
                "is_time_ordered": all(
                    call[a] is None or call[b] is None or call[a] <= call[b]
                    for a, b in (
                        ("calltime", "skilltime"),
                        ("calltime", "seattime"),
                        ("skilltime", "seattime"),
                        ("ringtime", "seattime"),
                    )
                ),
                "seat_code": seat,
                "regino": regino,
            }
        )
    return _frame(rows, ["callid"])


def _area(code: str, day: date | None) -> str:
    """One code that changed its meaning on 31 March, and one that is in no list."""
    if code != "440203" or day is None:
        return "未知"
    return "武江区" if day.isoformat() < "2026-03-31" else "新武江区"


def ratings(local: Connection, orders: list[Row]) -> pd.DataFrame:
    recordings = table(local, "recording_log")
    rows = [
        {
            "satisfaction_id": row["id"],
            "area_code": row["sourcearea"],
            "satisfaction_code": row["satisfaction"],
            "is_satisfied": {"1": True, "2": True, "3": False}.get(row["satisfaction"]),
            "day": day_of(row["opttime"]),
            "seat_code": seat_of(orders, recordings, row["callid"])[0],
        }
        for row in table(local, "satisfaction_log")
    ]
    return _frame(rows, ["satisfaction_id"])


def seat_days(local: Connection) -> pd.DataFrame:
    """Six seconds by six, as all times here are multiples of that: what two logins share counts once."""
    signed: dict[tuple[str, date], set[datetime]] = {}
    logins: dict[tuple[str, date], list[bool]] = {}
    for row in table(local, "seat_login_log"):
        begin, end = row["begintime"], row["endtime"]
        usable = end is not None and begin < end <= begin + timedelta(hours=24)
        begun = day_of(begin)
        assert begun
        logins.setdefault((row["seatno"], begun), []).append(usable)
        if usable:
            for minute in pd.date_range(begin, end, freq="6s", inclusive="left"):
                signed.setdefault((row["seatno"], minute.astimezone(SHANGHAI).date()), set()).add(minute)
    rows = [
        {
            "seat_code": seat,
            "day": day,
            "login_count": len(logins.get((seat, day), [])),
            "unusable_login_count": logins.get((seat, day), []).count(False),
            "signed_in_seconds": 6 * len(signed.get((seat, day), ())),
        }
        for seat, day in {*signed, *logins}
    ]
    return _frame(rows, ["seat_code", "day"])


def seat_hours(local: Connection) -> pd.DataFrame:
    """Six seconds by six, as all times here are multiples of that."""
    signed: dict[tuple[str, date, int], set[datetime]] = {}
    for row in table(local, "seat_login_log"):
        begin, end = row["begintime"], row["endtime"]
        if end is not None and begin < end <= begin + timedelta(hours=24):
            for moment in pd.date_range(begin, end, freq="6s", inclusive="left"):
                at = moment.astimezone(SHANGHAI)
                signed.setdefault((row["seatno"], at.date(), at.hour), set()).add(at)
    rows = [
        {"seat_code": seat, "day": day, "hour": hour, "signed_in_seconds": 6 * len(moments)}
        for (seat, day, hour), moments in signed.items()
    ]
    return _frame(rows, ["seat_code", "day", "hour"])


KINDS = {"complaint": "putTsBusiRegInfoData", "report": "putJbBusiRegInfoData", "consultation": "putZxBusiRegInfoData"}


def orders(local: Connection) -> list[Row]:
    """Every order of every kind, with the limits that `hotline deadlines` would tell."""
    meanings = {(m["kind"], m["slflag"]): m["meaning"] for m in table(local, "handling_meaning")}
    limits = {
        (limit["regino"], limit["kind"], limit["stage"]): limit["limit_at"]
        for limit in raw(local, "SELECT * FROM hotline.deadline_states(now())").to_dict("records")
    }
    working = {row["day"]: row["workday_number"] for row in table(local, "calendar_day")}
    loaded = {name: table(local, name) for name in _LOADED}
    rows: list[Row] = []
    for kind in KINDS:
        ours = {row["regino"]: row for row in loaded[f"{kind}_order"]}
        cases = {row["regino"]: row for row in loaded[f"{kind}_case"]}
        rows += [
            _order(kind, regino, ours.get(regino), cases.get(regino), loaded, meanings, limits, working)
            for regino in {*ours, *cases}
        ]
    return rows


_LOADED = (
    *(f"{kind}_order" for kind in KINDS),
    *(f"{kind}_case" for kind in KINDS),
    *(f"{kind}_feedback" for kind in KINDS),
    *("complaint_handling", "report_handling", "case_routing", "case_extension", "case_urge", "case_feedback"),
    *("returned_case", "delivery"),
)


def _order(
    kind: str,
    regino: str,
    our: Row | None,
    case: Row | None,
    loaded: dict[str, list[Row]],
    meanings: dict[tuple[str, str], str],
    limits: dict[tuple[str, str, str], datetime | None],
    working: dict[date, int],
) -> Row:
    def of(name: str, key: str) -> list[Row]:
        return [row for row in loaded[name] if row[key] == regino]

    def written(field: str) -> str | None:
        return ((case or {}).get(field) or (our or {}).get(field)) or None

    ours, theirs = (our or {}).get("registime"), (case or {}).get("registime")
    same_minute = ours and theirs and ours.replace(second=0) == theirs.replace(second=0)
    registered = ours if same_minute else theirs or ours
    versions = [row for row in of("delivery", "key") if row["interface"] == KINDS[kind]]
    delivered = [row["settled_at"] for row in versions if row["state"] == "delivered"]
    steps = [
        (meanings.get((kind, row["slflag"])) or meanings.get((kind, "*")) or "other", row["loaded_at"])
        for row in (of(f"{kind}_handling", "bh") if kind != "consultation" else [])
    ]

    def seen(*wanted: str) -> datetime | None:
        return first(*(at for meaning, at in steps if meaning in wanted))

    answers = [answer["fed_back_at"] for answer in answers_to(regino, loaded)]
    on_site = kind == "consultation" and ((case or {}).get("replyonsite") or (our or {}).get("replyonsite")) == "1"
    accepted, refused, filed = seen("accepted", "filed", "not_filed"), seen("refused"), seen("filed")
    finished = first(refused, *answers, registered if on_site else None)
    returns = [row["updatetime"] or row["loaded_at"] for row in of("returned_case", "odrno")]
    returned = max(returns, default=None)
    routes = of("case_routing", "bh")
    checked = first(*(row["ccdate"] for row in routes))
    routed = first(*(row["zcdate"] for row in routes))

    def in_time(at: datetime | None, stage: str) -> bool | None:
        limit = limits.get((regino, kind, stage))
        return None if limit is None or seconds(registered, at) is None else bool(at and at <= limit)

    def days(until: datetime | None) -> int | None:
        if seconds(registered, until) is None:
            return None
        begin, end = working.get(day_of(registered)), working.get(day_of(until))
        return None if begin is None or end is None else end - begin

    events = first(first(*delivered), routed, checked, accepted, finished)
    amount = _amount((case or {}).get("consumamount")) if kind == "complaint" else None
    if amount is None and kind == "complaint" and (our or {}).get("consumamount") is not None:
        amount = float((our or {})["consumamount"])
    return {
        "regino": regino,
        "kind": kind,
        "channel": "telephone" if our else "network",
        "registered_at": registered,
        "day": day_of(registered),
        "taken_at": first(*(row["written_at"] for row in versions)),
        "reported_at": first(*delivered),
        "first_checked_at": checked,
        "accepted_at": accepted,
        "refused_at": refused,
        "filed_at": filed,
        "answered_at": first(*answers),
        "finished_at": finished,
        "returned_at": returned,
        "is_returned": returned is not None and not (delivered and max(delivered) > returned),
        "is_withdrawn": bool(case and case["missing_since"]),
        "is_accepted_in_time": in_time(first(accepted, refused, finished), "acceptance"),
        "is_filed_in_time": in_time(first(refused, filed, finished), "filing"),
        "is_finished_in_time": in_time(finished, "handling"),
        "is_first_checked_in_time": in_time(checked, "acceptance"),
        "reporting_seconds": seconds(registered, first(*delivered)),
        "acceptance_working_days": days(accepted),
        "finishing_seconds": seconds(registered, finished),
        "finishing_working_days": days(finished),
        "is_time_ordered": registered is None or events is None or registered <= events + timedelta(seconds=59),
        "urge_count": len(of("case_urge", "id")),
        "extension_count": sum(row["spdate"] is not None for row in of("case_extension", "orderid")),
        "feedback_count": len(answers),
        "unit_code": (our or {}).get("regunitcode") or None,
        "seat_code": (our or {}).get("workerno") or (case or {}).get("workerno") or None,
        "record_name": (our or {}).get("recordname") or None,
        "company_key": _company(written("creditcode"), written("invopart")),
        "problem_class_code": written("appltype") if kind != "consultation" else None,
        "goods_class_code": written("goodsobtype") if kind != "consultation" else None,
        "consumption_amount": amount,
    }


def answers_to(regino: str, loaded: dict[str, list[Row]]) -> list[Row]:
    """Feedback on one order: what both interfaces say in the same words is one."""

    def said(text: str | None) -> str:
        return "".join((text or "").split())

    by_kind = sorted(
        (
            {**row, "kind": kind, "said": said(row["dealresult"])}
            for kind in KINDS
            for row in loaded[f"{kind}_feedback"]
            if row["odrno"] == regino
        ),
        key=lambda row: (row["loaded_at"], row["kind"], row["row_id"]),
    )
    by_case = sorted(
        ({**row, "said": said(row["feedbackcontent"])} for row in loaded["case_feedback"] if row["region"] == regino),
        key=lambda row: (row["feetime"] or row["loaded_at"], row["row_id"]),
    )
    answers = []
    for row in by_kind:
        twin = next((other for other in by_case if other["said"] == row["said"]), None)
        by_case = [other for other in by_case if other is not twin]
        answers.append(_answer(row["kind"], row, twin))
    return [*answers, *(_answer(None, None, row) for row in by_case)]


def _answer(kind: str | None, one: Row | None, other: Row | None) -> Row:
    """From the row of a kind's interface and that of 4.2.5, of which one can be missing."""
    rows = [row for row in (one, other) if row]

    def written(*fields: str) -> list[str]:
        return [text for row in rows for field in fields if (text := row.get(field) or "").strip()]

    complete = bool(rows[0]["said"]) and (kind != "report" or bool((rows[0].get("investresult") or "").strip()))
    first_seen = min(row["loaded_at"] for row in rows)
    given = other and other["feetime"]
    return {
        "feedback_id": f"{kind}:{one['row_id']}" if one else f"case:{rows[0]['row_id']}",
        "kind": kind,
        "fed_back_at": given or first_seen,
        "is_time_given": bool(given),
        "has_result": complete,
        "has_unit": bool(written("handdept", "feedbackarea")),
        "has_agent": bool(written("agent", "feedbackname")),
        "has_agent_phone": bool(written("agenttel", "feedbacktel")),
        "is_current": any(row["missing_since"] is None for row in rows),
    }


def feedback(local: Connection, orders: list[Row]) -> pd.DataFrame:
    """One row a feedback, with what its order says of it."""
    loaded = {name: table(local, name) for name in _LOADED}
    working = {row["day"]: row["workday_number"] for row in table(local, "calendar_day")}
    numbers = {
        row[key]
        for name, key in (*((f"{kind}_feedback", "odrno") for kind in KINDS), ("case_feedback", "region"))
        for row in loaded[name]
    }
    rows = []
    for regino in numbers:
        of_order = {row["kind"]: row["registered_at"] for row in orders if row["regino"] == regino}
        answers = sorted(answers_to(regino, loaded), key=lambda row: (row["fed_back_at"], row["feedback_id"]))
        for place, answer in enumerate(answers):
            kind = answer["kind"] or min(of_order, default=None)
            registered = of_order.get(kind) if kind else None
            lag = seconds(registered, answer["fed_back_at"])
            begin, end = (working.get(day_of(at)) for at in (registered, answer["fed_back_at"]))
            rows.append(
                {
                    **answer,
                    "regino": regino,
                    "kind": kind,
                    "day": day_of(answer["fed_back_at"]),
                    "registered_at": registered,
                    "reply_lag_seconds": lag,
                    "reply_lag_working_days": None if None in (lag, begin, end) else end - begin,
                    "is_first": place == 0,
                }
            )
    return _frame(rows, ["feedback_id"])


def _amount(text: str | None) -> float | None:
    return float(text) if text and text.replace(".", "").isdigit() else None


def _company(code: str | None, name: str | None) -> str | None:
    """Of the few spellings that the rows hold."""
    if code and len(code) == 18:
        return code
    if name and "好又多" in name:
        return "韶关市好又多有限公司"
    return name if name == "武江区小吃店" else None
