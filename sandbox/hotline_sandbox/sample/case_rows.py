"""Rows of the platform about an invented order, one method a table. They keep every printed rule of the answers."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from faker import Faker

from hotline_sandbox.sample import case_texts as texts
from hotline_sandbox.sample.areas import AREAS, CALL_SHARES
from hotline_sandbox.sample.moments import DAY_S, as_date, as_digits, as_minutes, as_timestamp
from hotline_sandbox.sample.odd_texts import ODD_TEXTS

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from hotline_sandbox.sample.case_kinds import Kind

CaseRow = dict[str, object]
_T = TypeVar("_T")

NBSP_SHARE = 0.08
"""Of the contents: hold a no-break space (4 to 13 % of the measured real messages)."""
LEADING_BLANKS = 0.97
"""Of the contents: begin with a newline and tabs (97 to 100 % of the measured real messages)."""
LONG_SHARE = 0.01
"""Of the contents: as long as the specification allows (1.0 to 1.7 % of the real messages are longer still)."""
ODD_SHARE = 0.005
"""Of the names: a text that looks dangerous and is ordinary."""

EMPTY_TEXT, LEFT_OUT = 0.8, 0.1
"""Of the cases: empty fields are empty texts, or are left out; in the others they are null. Assumed."""

_CITY = "440200"
_LONGEST = 2_000
_ODD = tuple(ODD_TEXTS.values())
MOBILES = ("134", "135", "136", "137", "138", "139", "150", "151", "158", "159", "182", "186", "188", "199")


class Party(NamedTuple):
    """Who an order is about and who deals with it."""

    regino: str
    kind: Kind
    area: str
    bureau: str
    officer: str
    phone: str
    registered: int
    """In wall-clock seconds, as all times here."""


class RowWriter:
    """Writes rows from pools of made-up names and firms; `rng` is the source of all chance."""

    def __init__(self, rng: random.Random, seed: int) -> None:
        self._rng = rng
        self._names, self._firms = _pools(seed)
        self._areas = tuple(AREAS)

    def party(self, regino_of: Callable[[str], str], kind: Kind, registered: int) -> Party:
        """A new order: where it happened and who is in charge."""
        area = self._rng.choices(self._areas, CALL_SHARES)[0]
        bureau = AREAS[area] + self._any(texts.BUREAUS)
        return Party(regino_of(area), kind, area, bureau, self._any(self._names), self._landline(), registered)

    def order(self, party: Party) -> CaseRow:
        """complaint_case and report_case."""
        rng = self._rng
        goods_type, _, goods, brand = self._any(texts.GOODS)
        shop, amount = self._any(self._firms), f"{rng.lognormvariate(5.5, 1.4):.2f}"
        disputed = party.registered - int(rng.expovariate(1 / (9 * DAY_S))) - 600
        words = texts.COMPLAINTS if party.kind.code == "1" else texts.REPORTS
        opening = self._any(texts.OPENINGS).format(day=as_date(disputed), shop=shop, goods=goods, amount=amount)
        mall = self._any(texts.MALLS) if rng.random() < 0.45 else None
        row: CaseRow = {
            "reginfotype": party.kind.code,
            "accepregname": self._any(self._names),
            "workerno": f"{rng.randint(801, 868)}",
            "proname": self._name(),
            "prosex": self._any("12"),
            "proaddr": self._address(party.area),
            "protel": self._mobile(),
            "procertype": "",
            "procerno": "",
            "invopart": shop,
            "invopttel": self._landline(),
            "invoptaddr": self._address(party.area),
            "entitytype": self._any(("", "10", "50")),
            "induscatgri": "",
            "creditcode": "",
            "goodsobtype": goods_type,
            "goodsname": goods,
            "brandname": brand,
            "salesway": "1" if mall else "9",
            "consumamount": amount,
            "orderno": f"{rng.randrange(10**15):015d}" if mall else "",
            "appltype": self._any(texts.PROBLEMS)[0],
            "complacontent": self._content(opening, words),
            "channel": "",
            "channelDetails": "",
            "electric": mall[0] if mall else "",
            "complaint": self._any(("", "1", "2")),
            "electricname": mall[1] if mall else "",
        }
        if party.kind.code == "1":
            row["disputetime"] = as_minutes(disputed)
            row["applcontent"] = self._any(texts.APPEALS)
            row["incidentadd"] = "" if mall else "44000000"
        return self._thinned(row)

    def consultation(self, party: Party, *, on_site: bool) -> CaseRow:
        """consultation_case."""
        row: CaseRow = {
            "reginfotype": party.kind.code,
            "accepregname": self._any(self._names),
            "workerno": f"{self._rng.randint(801, 868)}",
            "proname": self._name(),
            "prosex": self._any("12"),
            "proaddr": "",
            "protel": self._mobile(),
            "procertype": "",
            "procerno": "",
            "consulrange": self._any(("01", "02", "03", "99")),
            "keywordname": self._any(texts.PROBLEMS)[1],
            "complacontent": self._content("", texts.QUESTIONS),
            "replyonsite": "1" if on_site else "0",
            "replycontent": self._any(texts.ANSWERS) if on_site else "",
        }
        return self._thinned(row)

    def corrected(self, case: CaseRow) -> CaseRow:
        """The same case with a name fixed and a word more."""
        return {
            **case,
            "proname": self._any(self._names),
            "complacontent": f"{case['complacontent']}"[:1_990] + "（补充）",
        }

    def returned(self, party: Party, at: int) -> CaseRow:
        """returned_case: refused by the platform's audit."""
        return {
            "handDept": party.bureau,
            "agent": party.officer,
            "dealResult": self._any(texts.RETURNS),
            "updateTime": as_timestamp(at),
        }

    def routing(self, party: Party, at: int, deadline: int, hour_s: int = 3_600) -> CaseRow:
        """case_routing: sent on, looked at first, gone through, an hour between each two."""
        return {
            "id": self._id(),
            "fltype": self._any(("1", "2", "3")),
            "flfqr": party.officer,
            "zcdate": as_timestamp(at - 2 * hour_s),
            "ccdate": as_timestamp(at - hour_s),
            "pcdate": as_timestamp(at),
            "deadline": as_date(deadline),
            "jsdept": party.bureau,
        }

    def step(self, party: Party, *, final: bool, number: int) -> CaseRow:
        """complaint_handling and report_handling."""
        return {
            "id": self._id(),
            "slflag": "1" if number == 0 else "9" if final else "2",
            "fqdept": party.bureau,
            "fqr": party.officer,
            "remark": self._any(texts.RESULTS if final else texts.STEPS),
        }

    def extension(self, party: Party, at: int, old_deadline: int, new_deadline: int) -> CaseRow:
        """case_extension."""
        return {
            "sqrbh": f"{self._rng.randrange(10**8):08d}",
            "sqr": party.officer,
            "sqrdept": party.bureau,
            "sqrunit": AREAS[party.area] + "市场监督管理局",
            "spdate": as_timestamp(at),
            "sqrmobile": self._mobile(),
            "olddeadline": as_date(old_deadline),
            "yqdate": as_date(new_deadline),
            "gxdate": as_date(at),
            "sqdate": as_date(at - DAY_S),
            "result": "1",
            "state": "审批通过",
            "reason": "无",
            "suggestion": self._any(texts.EXTENSIONS),
        }

    def urge(self, party: Party, at: int) -> CaseRow:
        """case_urge."""
        return {
            "cbunit": "韶关市12345政务服务便民热线",
            "cbdept": "督办组",
            "cbr": self._any(self._names),
            "cbdate": as_timestamp(at),
            "cbmemo": self._any(texts.URGES),
            "bdbdept": party.bureau,
            "jsr": party.officer,
        }

    def feedback(self, party: Party, result: str) -> CaseRow:
        """complaint_feedback, report_feedback and consultation_feedback."""
        row: CaseRow = {"handDept": party.bureau, "agent": party.officer, "agentTel": party.phone, "dealResult": result}
        if party.kind.code == "3":
            return {"consultRange": self._any(("01", "02", "99")), **row}
        named = {"acceptType": "1"} if party.kind.code == "1" else {"investResult": "已核查"}
        return {**named, **row, "feedbackRegister": party.officer}

    def case_feedback(self, party: Party, result: str, at: int) -> CaseRow:
        """case_feedback: the same by the interfaces of 4.2.5."""
        return {
            "Feetime": as_digits(at),
            "Feedbackname": party.officer,
            "Feedbacktel": party.phone,
            "Feedbackarea": party.bureau,
            "Feedbackcontent": result,
        }

    def result(self, party: Party) -> str:
        """What a feedback says."""
        return self._any(texts.ANSWERS if party.kind.code == "3" else texts.RESULTS)

    def _any(self, pool: Sequence[_T]) -> _T:
        return pool[int(self._rng.random() * len(pool))]

    def _content(self, opening: str, sentences: Sequence[str]) -> str:
        rng = self._rng
        wanted = _LONGEST if rng.random() < LONG_SHARE else min(_LONGEST, int(rng.lognormvariate(4.6, 0.7)))
        text = "\r\n\t\t\t" + opening if rng.random() < LEADING_BLANKS else opening
        while len(text) < wanted:
            text += self._any(sentences)
        if rng.random() < NBSP_SHARE:
            text = text.replace("，", "，\u00a0", 1)
        return text[:_LONGEST]

    def _name(self) -> str:
        return self._any(_ODD) if self._rng.random() < ODD_SHARE else self._any(self._names)

    def _mobile(self) -> str:
        return f"{self._any(MOBILES)}{self._rng.randrange(10**8):08d}"

    def _landline(self) -> str:
        return f"0751-{self._any('68')}{self._rng.randrange(10**6):06d}"

    def _address(self, area: str) -> str:
        place = "" if area == _CITY else AREAS[area]
        return f"{AREAS[_CITY]}{place}{self._any(texts.ROADS)}{int(self._rng.random() * 300) + 1}号"

    def _id(self) -> str:
        return f"{self._rng.getrandbits(128):032x}"

    def _thinned(self, row: CaseRow) -> CaseRow:
        """The specification does not say how a field without value is written: mostly empty, else null, or left out."""
        way = self._rng.random()
        if way < EMPTY_TEXT:
            return row
        if way < EMPTY_TEXT + LEFT_OUT:
            return {name: value for name, value in row.items() if value != ""}
        return {name: None if value == "" else value for name, value in row.items()}


@lru_cache(maxsize=8)
def _pools(seed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names and firms; to make them takes a third of a second, and the bureau of `make up` acts each second."""
    faker = Faker("zh_CN")
    faker.seed_instance(seed)
    return tuple(faker.name() for _ in range(3_000)), tuple(faker.company() for _ in range(1_500))
