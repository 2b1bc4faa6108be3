"""Rows of an answer, judged: as the sandbox's own rules judge them, and kept byte for byte.

See architecture: a bad row stops no other.
"""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from hotline_bridge.inbound.moments import read_moment, since_epoch
from hotline_bridge.inbound.rows import DOUBLE, UNREADABLE, Rows, join_rows, read_between, read_cut, read_rows
from hotline_bridge.inbound.windows import Window
from hotline_bridge.platform_client.answers import UnreadableError, read_envelope
from hotline_bridge.platform_client.strict_json import Ambiguous, Slices, read_json
from hotline_sandbox.server.rules import compile_fields
from tests.examples import examples
from tests.inbound.inbound_bridge import COMPLAINTS, DRAINS, QUERIES, STEPS, good_row

if TYPE_CHECKING:
    from hotline_bridge.contract.model import Field, Interface

CONSULTATIONS = contract()["getZxBusiCaseInfoData"]
ROUTING = contract()["getCaseLzmx"]
RETURNED = contract()["getShBtgData"]
EXTENSIONS = contract()["getCaseApproval"]
ANSWERED = [*QUERIES, *DRAINS]
ODD = [
    "x",
    "\u200b",
    "\\N",
    "NULL",
    "{}",
    "'; DROP TABLE x;--",
    "{{ 7*7 }}",
    "%s",
    "\u00a0",
    "\u3000",
    "\r\n\t",
    "\x1c",
]
UNSTORABLE = ["a\x00b", "\ud83d", "张\udc00"]


def judge(interface: Interface, *rows: object, window: Window | None = None) -> tuple[list[str], list[str]]:
    """Reasons and flags of the rows together."""
    found = read_rows(interface, list(rows), window)
    reasons = sorted({reason for row in found.bad for reason in row["reasons"]})  # type: ignore[attr-defined]  # texts
    flags = sorted({flag for row in found.good for flag in row.flags})
    return reasons, flags


def raw_of(row: dict[str, object]) -> bytes:
    return bytes.fromhex(str(row["raw"])[2:])


def edges(field: Field) -> list[object]:
    """Values of a field next to where a rule begins or ends to hold."""
    values: list[object] = [None, "", *ODD, True, {}, [], {"a": 1}]
    if field.limit is not None:
        values += [char * size for char in ("x", "长", "😀") for size in (field.limit, field.limit + 1)]
    for code in field.codes or ():
        values += [code, f"{code} ", f"{code}{code}", chr(ord(code[0]) + 0xFEE0)]
    if field.kind in {"time", "timestamp", "date"}:
        values += ["20260230101112", "2026-02-30 10:11:12", "2026-02-30", "2026-11-01 24:00:00", "now", "1/2/2026"]
        values += [
            "2026年1月4日",
            "0000-00-00 00:00:00",
            "1767225600",
            "2026-11-01 10:11:60",
            "２０２６１１０１１０１１１２",
        ]
    return values


@pytest.mark.parametrize("interface", ANSWERED, ids=lambda interface: interface.name)
def test_it_breaks_what_the_sandbox_says_it_breaks(interface: Interface) -> None:
    good = good_row(interface)
    assert judge(interface, good) == ([], [])
    broken_by_platform = compile_fields(interface.response)
    seen = set()
    for field in interface.response:
        for value in edges(field):
            row = {**good, field.name: value}
            broken = {f"{each.field}:{each.rule}" for each in broken_by_platform(row)}
            if field.may_be_blank:
                broken.discard(f"{field.name}:required")
            if isinstance(value, str) and any(text in value for text in UNSTORABLE):
                broken.add(f"{field.name}:type")
            # What the condition of a field of an answer means is not printed.
            broken -= {f"{field.name}:condition"}
            assert set(judge(interface, row)[0]) == broken, (field.name, value)
            seen |= broken
    assert {reason.partition(":")[2] for reason in seen} >= {"required", "length", "type"}


@pytest.mark.parametrize("interface", ANSWERED, ids=lambda interface: interface.name)
@pytest.mark.parametrize("text", UNSTORABLE)
def test_what_no_database_holds_is_quarantined_as_it_came(interface: Interface, text: str) -> None:
    for field in interface.response:
        row = good_row(interface, **{field.name: text})
        found = read_rows(interface, [row, good_row(interface, **{str(interface.key): "R2"})])
        (bad,) = found.bad
        assert f"{field.name}:type" in bad["reasons"]  # type: ignore[operator]  # a list of texts
        assert json.loads(raw_of(bad)) == row
        assert len(found.good) == 1, "the others are not stopped"


@pytest.mark.parametrize("row", ["text", 7, None, [], ["R1"], True, Decimal("1.5")])
def test_a_row_that_is_no_object(row: object) -> None:
    found = read_rows(COMPLAINTS, [row, good_row(COMPLAINTS)])
    assert [bad["reasons"] for bad in found.bad] == [["row:type"]]
    assert json.loads(raw_of(found.bad[0])) == (str(row) if isinstance(row, Decimal) else row)
    assert (found.came, len(found.good)) == (2, 1)


def test_a_member_named_twice() -> None:
    text = json.dumps(good_row(COMPLAINTS)).replace('{"regino"', '{"regino": "other", "regino"', 1)
    data = read_envelope(f'{{"code":0,"data":[{text}, {json.dumps(good_row(COMPLAINTS))}]}}'.encode())["data"]
    assert judge(COMPLAINTS, *data) == (["row:type"], [])  # type: ignore[misc]  # a list of rows
    with pytest.raises(UnreadableError):
        read_envelope(b'{"code":0,"data":[],"data":[]}')


@pytest.mark.parametrize("names", [("regino", "REGINO"), ("REGINO", "regino"), ("Regino", "regIno")])
def test_a_member_named_twice_in_another_case(names: tuple[str, str]) -> None:
    row = good_row(COMPLAINTS)
    del row["regino"]
    assert judge(COMPLAINTS, {**row, names[0]: "R1", names[1]: "R2"}) == (["regino:type"], [])
    assert judge(COMPLAINTS, {**row, names[0]: "R1", names[1]: None}) == (["regino:type"], [])
    assert judge(COMPLAINTS, {**row, names[0]: None, names[1]: "R1"}) == ([], []), "null says nothing"


@pytest.mark.parametrize(
    ("drain", "query"),
    [(drain, query) for drain in DRAINS for query in QUERIES if drain.table == query.table],
    ids=lambda interface: interface.name,
)
def test_drain_and_query_give_the_same_content_in_whatever_case(drain: Interface, query: Interface) -> None:
    row = good_row(drain)
    hashes = {
        read_rows(interface, [respelled]).good[0].content_hash
        for interface in (drain, query)
        for respelled in (
            row,
            {name.upper(): value for name, value in row.items()},
            dict(reversed([(name.lower(), value) for name, value in row.items()])),
        )
    }
    assert len(hashes) == 1


def test_unknown_fields_are_counted_and_change_nothing() -> None:
    row = good_row(COMPLAINTS)
    plain, more = read_rows(COMPLAINTS, [row]), read_rows(COMPLAINTS, [{**row, "新字段": 1, "x": {}}, {**row, "x": 2}])
    assert more.unknown_fields == {"新字段", "x"}
    assert plain.hashes == more.hashes
    assert plain.unknown_fields == set()


def test_numbers_keep_their_digits() -> None:
    text = json.dumps(good_row(COMPLAINTS, consumamount="@", orderno="#"))
    text = text.replace('"@"', "1.10").replace('"#"', "9007199254740993")
    data = read_envelope(f'{{"code":0,"data":[{text}]}}'.encode())["data"]
    (row,) = read_rows(COMPLAINTS, data).good
    assert {b"1.10", b"9007199254740993"} <= set(row.content.split(b"\0"))


@pytest.mark.parametrize(
    ("kind", "text", "seconds"),
    [
        ("moment", "2026-08-01 10:11:12", 0),
        ("moment", "2026-08-01T10:11:12", 0),
        ("moment", "2026/08/01 10:11:12", 0),
        ("moment", "20260801101112", 0),
        ("moment", "2026-08-01 10:11:12.123", 0),
        ("moment", "2026-08-01 10:11", -12),
        ("moment", "202608011011", -12),
        ("moment", "2026-08-01", -36672),
        ("moment", "20260801", -36672),
        ("time", "20260801101112", 0),
        ("time", "2026-08-01 10:11:12", 0),
        ("timestamp", "2026-08-01 10:11:12", 0),
        ("timestamp", "20260801101112", 0),
        ("date", "2026-08-01", -36672),
        ("date", "20260801", -36672),
        ("date", "2026-08-01 10:11:12", -36672),
        *(("moment", "1785550272000", 0), ("time", "1785550272123", 0), ("date", "1785550272000", -36672)),
    ],
)
def test_moments_in_each_form(kind: str, text: str, seconds: int) -> None:
    reading = read_moment(kind, text)
    assert reading is not None
    assert since_epoch(reading) == 1_785_550_272 + seconds


@pytest.mark.parametrize("kind", ["moment", "time", "timestamp", "date"])
@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30 10:11:12", "20260230101112", "2026-08-01 24:00:00", "2026-08-01 10:11:12+08:00"),
        *("now", "infinity"),
        "2026-08-01T10:11:12Z",
        "1785550272",
        "２０２６０８０１",
        "2026年8月1日",
        "10:11:12",
        "99999-01-01",
        "0000-01-01 00:00:00",
    ],
)
def test_what_is_no_moment(kind: str, text: str) -> None:
    assert read_moment(kind, text) is None


def test_milliseconds_since_1970_are_a_time_of_a_row() -> None:
    row = {**good_row(COMPLAINTS), "registime": 1_785_550_272_000}
    found = read_rows(COMPLAINTS, [row], Window(1_785_550_200, 1_785_550_300))
    assert ([good.flags for good in found.good], found.registered, found.outside) == ([[]], [1_785_550_272], 0)


def test_a_time_that_cannot_be_read_is_an_oddity_in_a_text_and_breaks_a_rule_in_a_time() -> None:
    assert judge(COMPLAINTS, good_row(COMPLAINTS, registime="昨天")) == ([], ["registime:odd_time"])
    assert judge(RETURNED, good_row(RETURNED, updateTime="?")) == ([], ["updateTime:odd_time"])
    assert judge(CONSULTATIONS, good_row(CONSULTATIONS, registime="昨天")) == (["registime:type"], [])
    assert judge(ROUTING, good_row(ROUTING, deadline="昨天")) == (["deadline:type"], [])


@pytest.mark.parametrize("interface", [COMPLAINTS, CONSULTATIONS], ids=lambda interface: interface.name)
@pytest.mark.parametrize(
    ("second", "is_outside"),
    [(-61, True), (-60, True), (-59, False), (0, False), (100, False), (159, False), (160, True)],
)
def test_outside_of_the_window_by_the_minute(interface: Interface, second: int, is_outside: bool) -> None:
    begin = 1_785_550_272
    reading = read_moment("time", "20260801101112")
    assert reading is not None
    row = good_row(interface, registime=str(reading + timedelta(seconds=second)))
    found = read_rows(interface, [row], Window(begin, begin + 100))
    assert found.outside == is_outside
    assert (found.good[0].key in found.unsure) is is_outside


@pytest.mark.parametrize("data", [{}, {"rows": []}, "[]", "", 0, True])
def test_data_that_is_no_array_is_no_answer(data: object) -> None:
    """And is told before anybody reads rows (`test_client_answers`); here it is a mistake of ours."""
    with pytest.raises(TypeError, match=type(data).__name__):
        read_rows(COMPLAINTS, data)


def test_no_data_is_an_empty_answer() -> None:
    assert (read_rows(COMPLAINTS, None).came, read_rows(COMPLAINTS, []).came) == (0, 0)


def test_an_order_with_a_bad_row_is_partial_and_the_others_are_not() -> None:
    rows = [good_row(STEPS, bh=order, id=number) for order in ("A", "B") for number in ("1", "2")]
    found = read_rows(STEPS, [*rows, good_row(STEPS, bh="A", id="x" * 33)])
    assert {row.key: row.key in found.unsure for row in found.good} == {"A": True, "B": False}


def test_answers_to_parts_of_a_window_are_one() -> None:
    bad = good_row(STEPS, bh="A", id="x" * 33)
    one, two = (good_row(STEPS, bh=order) for order in ("A", "B"))
    joined = join_rows([read_rows(STEPS, [one, two]), read_rows(STEPS, [two, bad])])
    assert (joined.came, len(joined.good), len(joined.bad)) == (3, 2, 1)
    assert {row.key: row.key in joined.unsure for row in joined.good} == {"A": True, "B": False}


def told(rows: Rows) -> object:
    """All that is known of the rows, in whichever order they are told."""
    good = sorted((*row[:3], list(row.flags)) for row in rows.good)
    bad = sorted(rows.bad, key=lambda row: str(row["content_hash"]))
    return rows.came, good, bad, sorted(rows.registered), rows.outside, rows.unknown_fields


def as_json(row: object) -> str:
    """A row as a platform might write it: numbers with their digits, and what names a member twice."""
    if not isinstance(row, dict):
        return str(row) if isinstance(row, Decimal) else json.dumps(row)
    members = [f"{json.dumps(name, ensure_ascii=False)}: {as_json(value)}" for name, value in row.items()]
    return "{" + ", ".join(members + (members[:1] if isinstance(row, Ambiguous) else [])) + "}"


def slices_of(*rows: str) -> Slices:
    """The rows as they are cut out of an answer."""
    return Slices([row.encode() for row in rows])


@pytest.mark.parametrize("interface", ANSWERED, ids=lambda interface: interface.name)
@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_a_row_is_judged_alike_among_others_and_alone(interface: Interface, data: st.DataObject) -> None:
    begin = 1_785_550_272
    names = [field.name for field in interface.response]
    times = [
        "2026-08-01 10:11:12",
        "2026-08-01 10:11",
        " 20260801101112 ",
        "2026-08-01 10:09",
        "2026-02-30 10:09",
        "20260801",
        "昨天",
        "\x1c",
    ]
    others = [*UNSTORABLE, *times, "1.10", Decimal("1.10"), 7, 'say "yes"', '"', "\\", '\\"', "null", ":null", "  x"]
    values = {field.name: [*edges(field), *others] for field in interface.response}
    changes = st.sampled_from(names).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(values[name])))
    row = st.one_of(
        st.lists(changes, max_size=3).map(lambda changed: good_row(interface, **dict(changed))),
        st.lists(st.sampled_from(names), max_size=3).map(
            lambda gone: {name: text for name, text in good_row(interface).items() if name not in gone}
        ),
        st.sampled_from(names).map(lambda name: {name.swapcase(): "x", **good_row(interface)}),
        # Two quotation marks are missing, and as many too many.
        st.sampled_from(names).map(lambda name: {**good_row(interface), name: None, names[-1]: '""'}),
        st.sampled_from(names[1:]).map(
            lambda gone: Ambiguous({name: text for name, text in good_row(interface).items() if name != gone})
        ),
        st.sampled_from([{}, "text", None, Ambiguous(good_row(interface)), {**good_row(interface), "更多": ""}]),
    )
    rows = [as_json(each) for each in data.draw(st.lists(row, min_size=1, max_size=12))]
    window = data.draw(st.sampled_from([None, Window(begin, begin + 100)]))
    together = read_rows(interface, slices_of(*rows), window)
    alone = read_rows(interface, [read_json(each) for each in rows], window)
    assert told(together) == told(alone)


@pytest.mark.parametrize("interface", ANSWERED, ids=lambda interface: interface.name)
def test_each_value_next_to_a_rule_is_judged_alike_among_others_and_alone(interface: Interface) -> None:
    times = ["2026-08-01 10:11", "2026-08-01 10:11:12", "2026-08-01", "20260801101112", "2026-08-01T10:11:12", " "]
    for field in interface.response:
        for value in [*edges(field), *times, "12.5", "-1", "1e5"]:
            row = {**good_row(interface), field.name: value}
            alone = told(read_rows(interface, [row]))
            assert told(read_rows(interface, slices_of(as_json(row)))) == alone, (field.name, value)


@pytest.mark.parametrize("interface", ANSWERED, ids=lambda interface: interface.name)
@settings(max_examples=examples(60), deadline=None)
@given(data=st.data())
def test_bytes_that_change_on_the_way_are_read_as_strictly_among_others(
    interface: Interface, data: st.DataObject
) -> None:
    row = json.dumps(good_row(interface, **{str(interface.key): 'R"1\\'}), ensure_ascii=False).encode()
    changes = st.lists(st.tuples(st.integers(1, len(row) - 2), st.binary(max_size=2)), min_size=1, max_size=3)
    for at, other in data.draw(changes):
        row = row[:at] + other + row[at + len(other) :]
    found = read_rows(interface, Slices([row]))
    try:
        alone = told(read_rows(interface, [read_json(row.decode())]))
    except (ValueError, RecursionError):
        assert [(bad["reasons"], raw_of(bad)) for bad in found.bad] == [([UNREADABLE], row)]
    else:
        assert told(found) == alone


def test_rows_of_which_none_is_doubtful_are_not_judged_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or the speed is lost without anybody seeing it."""
    monkeypatch.setattr("hotline_bridge.inbound.rows._judged", lambda *_: pytest.fail("judged alone"))
    for interface in ANSWERED:
        rows = [good_row(interface)] * 3
        optional = [field.name for field in interface.response if not field.required and field.name != interface.key]
        rows += [{**rows[0], name: value} for name in optional for value in (None, "")]
        rows += [{each: text for each, text in rows[0].items() if each != name} for name in optional]
        numbered = [{**row, str(interface.key): f"R{number}"} for number, row in enumerate(rows)]
        found = read_rows(interface, slices_of(*map(json.dumps, numbered)))
        assert found.came == 3 + 3 * len(optional)
        assert not found.bad


async def test_an_answer_read_in_parts_is_the_same() -> None:
    rows = [as_json(good_row(STEPS, bh=f"R{number % 50}", remark=number)) for number in range(60)]
    rows += [as_json({**good_row(STEPS), "id": "x" * 33, "更多": ""}), "7", rows[0]]
    for answer in (slices_of(*rows), [read_json(row) for row in rows]):
        assert told(await read_between(STEPS, answer)) == told(read_rows(STEPS, answer))
    assert (await read_between(STEPS, None)).came == 0


ODD_BYTES: list[tuple[bytes, str]] = [
    (b'{"bh": "R1", "remark": "\xff"}', "R1"),
    (b'{"remark": "\xd5\xe7", "BH": "R1"}', "R1"),
    (b'{"bh": 7, "remark": "\xff"}', "7"),
    (b'{"bh": "R1", "remark": "a\tb"}', "R1"),
    (b'{"bh": "R1", "remark": NaN}', "R1"),
    (b'{"bh": "R1", "remark": "\\x"}', ""),
    (b'{"bh": "\xff"}', ""),
    (b'{"bh": "R1", "bh": "R2", "remark": "\xff"}', ""),
    (b'{"bh": "R1", "BH": "R2", "remark": "\xff"}', ""),
    (b'{"bh": ["R1"], "remark": "\xff"}', ""),
    (b'{"bh": 01}', ""),
    (b'"\xff"', ""),
    (b'["bh", "\xff"]', ""),
    (b'{"bh": "' + b"9" * 200 + b'", "remark": "\xff"}', "9" * 168 + sha256(b"9" * 200).hexdigest()[:32]),
    (b"[" * 100_000, ""),
]


@pytest.mark.parametrize(("row", "key"), ODD_BYTES)
def test_a_row_that_cannot_be_read_is_kept_as_bytes_and_stops_nothing(row: bytes, key: str) -> None:
    good = json.dumps(good_row(STEPS)).encode()
    found = read_rows(STEPS, Slices([row, good, row]))
    assert [(bad["reasons"], raw_of(bad), bad["key"]) for bad in found.bad] == [([UNREADABLE], row, key)]
    assert (found.came, len(found.good), found.unreadable) == (3, 1, 1)


def test_numbers_that_begin_alike_are_different_orders() -> None:
    """An index entry cannot be longer, and none of these may stand for another."""
    heads = ["9" * 200 + "1", "9" * 200 + "2", "9" * 199, "9" * 200]
    found = read_rows(COMPLAINTS, [good_row(COMPLAINTS, regino=number) for number in heads])
    keys = [str(bad["key"]) for bad in found.bad]
    assert len(set(keys)) == len(heads)
    assert keys[2] == heads[2]
    assert {len(key) for key in keys} == {199, 200}


def test_of_two_rows_of_one_name_the_last_stands_and_the_other_is_kept_aside() -> None:
    first, other, last = (good_row(COMPLAINTS, proname=name) for name in ("甲", "乙\u200b", "丙"))
    beside = good_row(COMPLAINTS, regino="R2")
    for rows in ([first, other, beside, last], [last, other, last, first]):
        for data in (rows, slices_of(*map(as_json, rows))):
            found = read_rows(COMPLAINTS, data)
            assert (found.came, found.outside) == (len(rows), 0)
            aside = {json.loads(raw_of(bad))["proname"] for bad in found.bad}
            assert aside == {"甲", "乙\u200b", "丙"} - {rows[-1]["proname"]}
            assert [bad["reasons"] for bad in found.bad] == [[DOUBLE]] * 2
            standing = {row.key: row.content.decode() for row in found.good}
            assert rows[-1]["proname"] in standing[str(first["regino"])].split("\0")
    assert len(read_rows(STEPS, [good_row(STEPS), good_row(STEPS, remark="另")]).good) == 2, "steps have no name"


def test_an_extension_is_named_by_its_order_and_its_application() -> None:
    rows = [good_row(EXTENSIONS, **changed) for changed in ({}, {"sqdate": "2026-11-02"}, {"yqdate": "20261202"})]
    assert len(read_rows(EXTENSIONS, rows).good) == 3
    decided = read_rows(EXTENSIONS, [*rows, good_row(EXTENSIONS, sqdate="20261101", state="通过")])
    assert (len(decided.good), [bad["reasons"] for bad in decided.bad]) == (3, [[DOUBLE]])


@pytest.mark.parametrize("interface", ANSWERED, ids=lambda interface: interface.name)
def test_of_a_cut_answer_the_number_of_rows_and_their_registrations_are_read(interface: Interface) -> None:
    rows: list[object] = [good_row(interface), {}, {"REGISTIME": "2026-08-01 10:11:12"}, {"registime": 7}, None, "text"]
    cut, whole = read_cut(interface, rows), read_rows(interface, rows)
    tells = any(field.column == "registime" for field in interface.response)
    assert (cut.came, len(cut.registered)) == (6, 2 if tells else 0)
    assert cut.registered == whole.registered
    assert (cut.good, cut.bad) == ([], [])
    assert read_cut(interface, slices_of(*map(json.dumps, rows))).registered == cut.registered[: 1 if tells else 0]
    assert read_cut(interface, None).came == 0


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=200)


@settings(max_examples=examples(200), deadline=None)
@given(texts, texts)
@example("\r\n\t  诉求", "\u00a0\\N NULL {{ 7*7 }} '; DROP TABLE x;-- 😀👨‍👩‍👧 𠮷")
def test_the_same_hash_for_the_same_texts_and_another_for_others(one: str, two: str) -> None:
    first, second = (read_rows(STEPS, [good_row(STEPS, remark=f"文{text}")]) for text in (one, two))
    assert (first.hashes == second.hashes) == (one == two)
    assert f"文{one}".encode() in first.good[0].content.split(b"\0")


def test_deep_nesting_stops_nothing() -> None:
    for depth in (200, 800, *range(900, 1000)):
        nested = "[" * depth + "]" * depth
        text = f'{{"x": {nested}, "regino": {nested}}}'
        try:
            data = read_envelope(f'{{"code":0,"data":[{text}]}}'.encode())["data"]
        except UnreadableError:
            continue
        assert len(read_rows(COMPLAINTS, data).bad) == 1
