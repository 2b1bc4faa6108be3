"""The typed form of the contract: immutable, validated when it is built, free of Airflow.

`platform.yaml` is the specification, letter by letter; `bridge.yaml` is what this project adds. An `Interface` is both.
"""

from __future__ import annotations

from collections.abc import Mapping  # at run time: pydantic reads the annotations
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

Personal = Literal["name", "phone", "number", "address", "text", "link"]
Kind = Literal["report", "drain", "acknowledge", "query", "reconcile"]
Check = Literal["credit_code", "identity", "number", "phone", "seat"]
Rule = Literal["required", "condition", "length", "type", "code", "composition", "area", "shared"]

RULE_ZH: dict[Rule, str] = {
    "required": "必填项为空",
    "condition": "满足条件时必填的项为空",
    "length": "超过规定长度",
    "type": "格式不符（时间应为 YYYYMMDDhhmmss）",
    "code": "不在规定的代码之内",
    "composition": "标识的组成不符合规定",
    "area": "行政区划代码不是六位数字",
    "shared": "与另一条记录相同，而姓名、时间、电话等都不同：不是更正，是另一条记录",
}
"""What may hold a row back, each with its Chinese text for staff (architecture: printed rules only).

Besides the printed rules it is a key that another record has already: the platform knows a record by its key alone.
"""


NEEDED: Mapping[str, tuple[str, ...]] = {
    "report": ("flow", "table", "key"),
    "query": ("flow", "table", "key", "mode"),
    "drain": ("flow", "table", "key", "mode", "acknowledged_by"),
    "acknowledge": ("key",),
    "reconcile": ("counts",),
}
"""What an interface of a kind needs beside the specification: without it nothing would carry it."""

FLOWS: Mapping[str, frozenset[str]] = {
    "report": frozenset({"telephony", "order"}),
    "query": frozenset({"case", "process", "feedback"}),
    "drain": frozenset({"feedback"}),
}
"""The flows that carry interfaces of a kind."""


class Frozen(BaseModel):
    """Immutable, and strict about names: a misspelt entry of the contract is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Field(Frozen):
    """One field of a request or of an answer row, as printed, with the checkable form of its printed rules."""

    name: str
    """Wire name, spelled as printed (字段名)."""
    name_lost: bool = False
    type: str | None = None
    length: int | str | None = None
    required: bool | Literal["conditional"] | None = None
    required_zh: str | None = None
    condition: str | None = None
    related: str | None = None
    zh: str | None = None
    """The printed description (说明)."""
    codes: Mapping[str, str] | None = None

    compose: tuple[str, ...] | None = None
    """The identifier is these fields joined without separator; `*` is any further text (protocol: identifiers)."""
    required_when: Mapping[str, str] | None = None
    """Field name to `filled` or to a code: the printed condition (protocol: conditional fields)."""
    format: Literal["area", "moment"] | None = None
    """`moment`: a text that tells a time, in a form that is not printed."""
    may_be_blank: bool = False
    """Required as printed, yet blank where another sentence of the specification makes it so; `why` says which."""
    max_length: int | None = None
    """Looser than printed; `why` says which contradiction of the specification it resolves."""
    why: str | None = None
    personal: Personal | None = None
    whose: Literal["citizen", "staff", "company"] = "citizen"
    """Whom personal data are about; a citizen's are erased with the record (docs/personal-data.md)."""
    check: Check | None = None
    """What the value is looked at for; what is odd is flagged and never holds a row back."""
    says_nothing: tuple[str, ...] = ()
    """Words that stand where a value is not known; records that share one of them share nothing (`named_by`)."""

    @property
    def column(self) -> str:
        """Column name in the docking store and in the local store: the wire name in lower case."""
        return self.name.lower()

    @property
    def kind(self) -> Literal["text", "time", "timestamp", "date", "number"]:
        """What the printed type means: `time` is Number 14, YYYYMMDDhhmmss; `timestamp` is yyyy-MM-dd HH:mm:ss."""
        printed = (self.type or "timestamp").lower()
        if printed == "number":
            return "time" if self.length == 14 else "number"
        if printed in {"timestamp", "date"}:
            return "timestamp" if printed == "timestamp" else "date"
        return "text"

    @property
    def limit(self) -> int | None:
        """Greatest length in characters, or None where no length is printed or the type sets it."""
        if self.max_length is not None:
            return self.max_length
        return self.length if self.kind == "text" and isinstance(self.length, int) else None


class Dispatch(Frozen):
    """The body member that names the interface behind a shared path."""

    field: str
    value: str


class Reference(Frozen):
    """How a record refers to one of another interface: `field` of the request, and the interface `of`."""

    field: str
    of: str


class Person(Frozen):
    """By which fields records of one person are told: those of the request of a report, else of the answer's rows."""

    phone: tuple[str, ...]
    """The first that holds a telephone number becomes `person_key`."""
    identity: str | None = None
    """Becomes `identity_key`."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the typed table that hold keys (docs/personal-data.md)."""
        return ("person_key", "identity_key") if self.identity else ("person_key",)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields that feed a key."""
        return (*self.phone, self.identity) if self.identity else self.phone


class Limits(Frozen):
    """Printed limits of an answer or of a window (protocol: amounts and windows)."""

    max_rows: int | None = None
    max_window_days: int | None = None
    default_window: str | None = None


class Interface(Frozen):
    """One interface of the platform (接口): the specification and what the bridge adds to it."""

    name: str
    section: str
    title_zh: str
    title_en: str
    description_zh: str
    path: str
    dispatch: Dispatch | None = None
    kind: Kind
    request: tuple[Field, ...]
    response_shape: Literal["object", "array"]
    response: tuple[Field, ...]
    limits: Limits = Limits()
    success_example: Mapping[str, object] | None = None
    request_example: Mapping[str, object] | None = None
    request_example_comments: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()
    sibling_differences: tuple[Mapping[str, object], ...] = ()

    name_zh: str | None = None
    name_en: str | None = None
    flow: Literal["telephony", "order", "case", "process", "feedback"] | None = None
    table: str | None = None
    key: str | None = None
    named_by: tuple[str, ...] = ()
    """Fields that tell one record from another beside the key. A second content of a key that shares none of them with
    the first is another record, not a correction. Empty where nothing but the key does."""
    hold: str | None = None
    in_order: tuple[str, ...] = ()
    parent: Reference | None = None
    """The field holds the key of a record of the other interface."""
    served_by: Reference | None = None
    """At the time in the field, a record of the other interface spans its own two times (`in_order`)."""
    happens: str | None = None
    """The field of an answer's row that tells when what it reports happened."""
    mode: Literal["replace", "append"] | None = None
    one_row: tuple[str, ...] = ()
    """Fields that name a row of its answers, the key first: the platform shows, and the table holds, one row of a name.
    Empty where rows have no name."""
    acknowledged_by: str | None = None
    """The interface that takes the order numbers of what this drain handed out (protocol: drains)."""
    becomes: str | None = None
    """The interface that gives back what was put by this one."""
    returned_by: str | None = None
    """The interface that names what was put by this one and returned by the platform's audit."""
    counts: Mapping[str, str] = {}
    """For each field of the answer, the interface that gives what it counts."""
    supplemented: str | None = None
    """The field behind which supplements of 12345 are written; the bureau's completions are applied to its rows too."""
    person: Person | None = None
    audited: bool = False
    """Whether the local bureau may audit its versions before they are sent (setting `audit_required`)."""

    @model_validator(mode="after")
    def _is_carried(self) -> Interface:
        flows = FLOWS.get(self.kind, frozenset())
        if self.flow is not None and self.flow not in flows:
            carry = f"goes with the flow {' or '.join(sorted(flows))}" if flows else "goes with no flow"
            raise ValueError(f"{self.name}: a {self.kind} {carry}, not {self.flow}")
        if self.flow == "order" and not (self.becomes and self.returned_by):
            raise ValueError(
                f"{self.name}: an order needs becomes and returned_by; other reports go with the flow telephony"
            )
        if self.kind == "query":
            asked = [field.name for field in self.request]
            if [sum(name.startswith(end) for name in asked) for end in ("begin", "end")] != [1, 1]:
                raise ValueError(f"{self.name}: a query asks for a window: one field begin... and one field end...")
        return self

    @model_validator(mode="after")
    def _names_are_known(self) -> Interface:
        request = {field.name for field in self.request}
        for field in self.request:
            named = {*(field.compose or ()), *(field.required_when or ())} - {"*"}
            if named - request:
                raise ValueError(f"{self.name}.{field.name} names unknown fields: {sorted(named - request)}")
        references = {reference.field for reference in (self.parent, self.served_by) if reference}
        used = {*self.in_order, *self.named_by, *filter(None, (self.hold, self.supplemented)), *references}
        if used - request:
            raise ValueError(f"{self.name} names unknown fields: {sorted(used - request)}")
        rows = self.request if self.kind in {"report", "acknowledge"} else self.response
        if self.happens is not None and self.happens not in {field.name for field in self.response}:
            raise ValueError(f"{self.name}: {self.happens} is no field of its rows")
        if self.counts.keys() - {field.name for field in self.response}:
            raise ValueError(f"{self.name} counts in unknown fields")
        if self.key is not None and self.key not in {field.name for field in rows}:
            raise ValueError(f"{self.name}: its key {self.key} is no field of it")
        if self.person is not None:
            classes = {field.name: field.personal for field in rows}
            wanted = {
                **dict.fromkeys(self.person.phone, "phone"),
                **dict.fromkeys(filter(None, [self.person.identity]), "number"),
            }
            if wrong := sorted(name for name, of_class in wanted.items() if classes.get(name) != of_class):
                raise ValueError(f"{self.name}: no phone or identity number stands in {', '.join(wrong)}")
        if self.one_row and (self.mode != "replace" or self.one_row[0] != self.key):
            raise ValueError(
                f"{self.name}: what names a row begins with the key, and only rows that are replaced have it"
            )
        if set(self.one_row) - {field.name for field in self.response if field.kind != "number"}:
            raise ValueError(f"{self.name}: its rows are named by unknown fields, or by numbers")
        return self

    @property
    def label_zh(self) -> str:
        """What staff call what it carries; the printed title where the contract says nothing else."""
        return self.name_zh or self.title_zh

    @property
    def label_en(self) -> str:
        """The same in English."""
        return self.name_en or self.title_en

    @property
    def key_column(self) -> str:
        """Column that names a record. Raises ValueError where the interface has no records."""
        if self.key is None:
            raise ValueError(f"{self.name} has no key: it carries no records")
        return self.key.lower()

    @property
    def columns(self) -> frozenset[str]:
        """Columns of its records: the fields of a report, or of the rows of an answer."""
        return frozenset(field.column for field in self.record)

    @property
    def record(self) -> tuple[Field, ...]:
        """The fields of its records."""
        return self.request if self.kind == "report" else self.response

    @property
    def belongs_to(self) -> tuple[Literal["order", "call"], str]:
        """The record that its rows are part of: of which kind, and the column with its key."""
        if self.flow == "telephony":
            return "call", self.parent.field.lower() if self.parent else self.key_column
        return "order", self.key_column

    @property
    def of_citizens(self) -> tuple[Field, ...]:
        """The fields of its records that are about a citizen."""
        return tuple(field for field in self.record if field.personal and field.whose == "citizen")

    @property
    def person_columns(self) -> tuple[str, ...]:
        """Columns of its typed table that hold keys of a person."""
        return self.person.columns if self.person else ()

    @property
    def rest_of_name(self) -> tuple[str, ...]:
        """Columns that name a row beside the key: empty where the key does so alone, or rows have no name."""
        return tuple(name.lower() for name in self.one_row[1:])

    @property
    def answers_issuc(self) -> bool:
        """Whether the answer carries `issuc` (是否成功), spelled in either case."""
        return any(field.name.lower() == "issuc" for field in self.response)

    @property
    def success_code(self) -> int | str:
        """The code that the printed example answers with: `0` or `"0000"`; `0` where no example is printed."""
        code = (self.success_example or {}).get("code", 0)
        return code if isinstance(code, int | str) else 0
