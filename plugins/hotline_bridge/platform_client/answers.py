"""What one HTTP answer means (architecture: success is strict; specification 4.8.2.1.3.4). Pure: no network, no clock.

Success is the exception that has to be proved. Whatever cannot be read for certain is "outcome unknown", never success
and never a refusal, so that a broken proxy can neither lose a record nor park one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hotline_bridge.cities import called
from hotline_bridge.platform_client.settings import CONNECTION, SUCCESS_CODES
from hotline_bridge.platform_client.strict_json import Ambiguous, Slices, cut_out, read_json

if TYPE_CHECKING:
    from datetime import datetime

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.settings import PlatformSettings


class Outcome(StrEnum):
    """How one try ended. The values are written to the interaction log."""

    DELIVERED = "delivered"
    """The platform says yes (for a query: it answered)."""
    DUPLICATE = "duplicate"
    """The platform says that it has the record already: as good as delivered."""
    REFUSED = "refused"
    """The platform understood and says no."""
    TRY_LATER = "try_later"
    """Answered, but neither yes nor no: busy, broken, a gateway's page, a listed retry code."""
    NO_ANSWER = "no_answer"
    """Sent, and no whole answer came: deadline, reset, cut, greater than the cap."""
    UNREACHABLE = "unreachable"
    """Never sent: connection refused, no such host, TLS not trusted."""
    UNAUTHORIZED = "unauthorized"
    """401 or 403: no other record can do better."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, understood."""

    outcome: Outcome
    may_have_arrived: bool
    """Whether the platform may have stored the record. False only where the answer itself says that it has not."""
    code: str | None = None
    """The platform's answer code as text; None where there was no readable envelope."""
    message: str | None = None
    """On anything but a plain success. With a code, the platform's words, which may repeat the request: redact them."""
    data: object = field(default=None, repr=False)
    """The member `data` of a successful answer."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try, as the interaction log keeps it. Holds no value of the record, no body and no Token."""

    interface: str
    number: int
    """1 for the first of a delivery."""
    started_at: datetime
    """Aware, UTC."""
    elapsed_ms: float
    outcome: Outcome
    http_status: int | None
    code: str | None
    message: str | None
    """Redacted, on one line, at most 200 characters; None on plain success."""
    retry_after_s: float | None
    may_have_arrived: bool
    """Whether the platform may have stored the record."""
    data: object = field(default=None, repr=False)
    """The member `data` of a successful query; None for reports and acknowledgements."""
    answer: bytes = field(default=b"", repr=False)
    """The whole answer of a successful query, as it came."""
    crowded: bool = False
    """Refused for a pace that has been lowered since: that says nothing about the platform (`Pace.learn`)."""

    @property
    def is_about_pace(self) -> bool:
        """Refused for the number of requests alone, unread: 429."""
        return self.http_status == 429


class UnreadableError(ValueError):
    """The body is no envelope; the text says what it is instead and quotes nothing of it."""


_LATER, _NO = Outcome.TRY_LATER, Outcome.REFUSED
_RECORD = "the platform could not take this record"
_STATUS: dict[int, tuple[Outcome, bool, str]] = {
    400: (_NO, False, _RECORD),
    401: (
        Outcome.UNAUTHORIZED,
        False,
        "AppId or Token not accepted: check login, password and the clock of this machine",
    ),
    403: (
        Outcome.UNAUTHORIZED,
        False,
        "access denied: check login and password, and whether this address is admitted",
    ),
    404: (_LATER, False, "no such path: check the host of connection {connection} and the path in it"),
    405: (_LATER, False, "this path takes no POST: check the host of connection {connection} and the path in it"),
    407: (_LATER, False, "a proxy stands in between and asks for a login"),
    409: (_NO, False, _RECORD),
    413: (_NO, False, "the record is too large for the platform"),
    414: (_NO, False, _RECORD),
    422: (_NO, False, _RECORD),
    429: (_LATER, False, "too many requests at a time: the pace is lowered by itself"),
}
# By first digit, for all other statuses. A 5xx may come from a gateway after the platform has stored the record (a 503
# too: some send it when the connection behind them breaks); other refusals by status say that nothing was carried out.
_STATUS_CLASS: dict[int, tuple[Outcome, bool, str]] = {
    2: (_LATER, True, "only 200 is success"),
    3: (_LATER, False, "redirected, and not followed: check scheme and host of connection {connection}"),
    4: (
        _LATER,
        False,
        "not accepted: check the host of connection {connection} and what stands in between",
    ),
    5: (_LATER, True, "the platform or a gateway before it failed"),
}
_STRANGE = (_LATER, True, "no status that HTTP knows")
_NO_ISSUC = (
    "success code without a plain issuc (1 or 0), so the outcome is unknown: ask the platform how it writes issuc"
)
_WITH_ROWS = frozenset({"query", "drain"})


def classify(interface: Interface, status: int, body: bytes, settings: PlatformSettings) -> Answer:
    """Decides what an answer means.

    Args:
        interface: The interface that was called.
        status: HTTP status.
        body: The whole body as it came, undecoded; empty where it could not be read and the status is not 200.
        settings: Lists the codes that mean "stored already" and "try again".
    """
    if status == 200:
        return _classify_envelope(interface, body, settings)
    outcome, may_have_arrived, words = _STATUS.get(status) or _STATUS_CLASS.get(status // 100) or _STRANGE
    words = words.format(connection=called(CONNECTION))
    if outcome is Outcome.UNAUTHORIZED:
        words += settings.header_doubt
    code, message = _stated_reason(body) if outcome is _NO else (None, None)
    return Answer(outcome, may_have_arrived, code, message or f"HTTP {status}: {words}")


def _classify_envelope(interface: Interface, body: bytes, settings: PlatformSettings) -> Answer:
    try:
        envelope = _with_slices(body) if interface.kind in _WITH_ROWS else read_envelope(body)
        code = _code_of(envelope)
        if code in SUCCESS_CODES and interface.kind in _WITH_ROWS:
            _check_rows(envelope.get("data"))
    except UnreadableError as error:
        return Answer(_LATER, may_have_arrived=True, message=f"HTTP 200: {error}")
    if code not in SUCCESS_CODES:
        return _not_success(code, envelope, settings)
    data = envelope.get("data")
    if not interface.answers_issuc:
        return Answer(Outcome.DELIVERED, True, code, data=data)
    match _issuc_of(data):
        case "1":
            return Answer(Outcome.DELIVERED, True, code, data=data)
        case "0":
            return Answer(_NO, False, code, _text_of(envelope) or "issuc is 0: the platform did not store the record")
        case _:
            return Answer(_LATER, True, code, f"HTTP 200: {_NO_ISSUC}")


def _not_success(code: str, envelope: dict[str, object], settings: PlatformSettings) -> Answer:
    if code in settings.duplicate_codes:
        outcome = Outcome.DUPLICATE
    elif code in settings.retry_codes:
        outcome = _LATER
    else:
        outcome = _NO
    words = _text_of(envelope) or "the platform gave a code and no message"
    return Answer(outcome, may_have_arrived=outcome is Outcome.DUPLICATE, code=code, message=words)


def read_envelope(body: bytes) -> dict[str, object]:
    """The envelope `code`, `msg`, `data` of an answer; strict about everything that could hide another meaning.

    Data written as a text that holds a JSON object or array, as some frameworks do, is that object or array. A row of
    `data` that names a member twice is an `Ambiguous`, so that one bad row does not stop the others.

    Raises:
        UnreadableError: Not strict UTF-8 (whatever charset was announced), not exactly one JSON object, NaN or
            Infinity, nested too deeply, or a member named twice in the envelope or in an object `data`.
    """
    if not body.strip():
        raise UnreadableError("the answer is empty")
    try:
        envelope = read_json(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise UnreadableError("the answer is not UTF-8") from None
    except RecursionError:
        raise UnreadableError("the answer is nested too deeply") from None
    except ValueError:
        kind = "a page of HTML" if body.lstrip()[:1] == b"<" else "no JSON, cut, or more than one document"
        raise UnreadableError(f"the answer is {kind}") from None
    if not isinstance(envelope, dict):
        raise UnreadableError("the answer is JSON but no object")
    if isinstance(data := envelope.get("data"), str):
        envelope["data"] = _data_in_a_text(data)
    if isinstance(envelope, Ambiguous) or isinstance(envelope.get("data"), Ambiguous):
        raise UnreadableError("the answer names a member twice")
    return envelope


def _data_in_a_text(text: str) -> object:
    try:
        data = read_json(text)
    except (ValueError, RecursionError):
        return text
    return data if isinstance(data, dict | list) else text


def _with_slices(body: bytes) -> dict[str, object]:
    """The envelope as `read_envelope` reads it; its rows still unread (`Slices`) where they can be cut out."""
    found = cut_out(body)
    if found is None:
        return read_envelope(body)
    rest, rows = found
    return {**read_envelope(rest), "data": rows}


def _check_rows(data: object) -> None:
    # Absent and null are an empty answer (protocol: open questions).
    if not isinstance(data, list | Slices | None):
        raise UnreadableError(f"the answer holds no array of rows but {type(data).__name__}")


def _code_of(envelope: dict[str, object]) -> str:
    code = envelope.get("code")
    # `type` and not `isinstance`: false and 0.0 equal 0, and neither is printed as success.
    if type(code) is int:
        return str(code)
    if isinstance(code, str) and code.strip():
        return code
    raise UnreadableError("the answer has no usable code")


def _issuc_of(data: object) -> str | None:
    """`issuc` in whichever case it is spelled, also as a number; None where it is missing, else, or says two things."""
    if not isinstance(data, dict):
        return None
    stated = [value for name, value in data.items() if name.lower() == "issuc"]
    # `type` and not `isinstance`: true is no number, and what it means is not printed.
    known = {str(value) if type(value) is int else value for value in stated if type(value) in {int, str}}
    return str(*known) if stated and len(known) == 1 and all(type(value) in {int, str} for value in stated) else None


def _text_of(envelope: dict[str, object]) -> str | None:
    message = envelope.get("msg")
    return message if isinstance(message, str) and message.strip() else None


def _stated_reason(body: bytes) -> tuple[str | None, str | None]:
    """Code and message of a refusal by status, where its body is an envelope all the same."""
    try:
        envelope = read_envelope(body)
        return _code_of(envelope), _text_of(envelope)
    except UnreadableError:
        return None, None
