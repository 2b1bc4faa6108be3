"""What a deployment sets about the platform (connection `platform_12315`), read and checked before anything is sent.

`PLATFORM_EXTRAS` is the one table of the connection's extras that the reader and the documentation share.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from yarl import URL

from hotline_bridge import extras
from hotline_bridge.cities import called
from hotline_bridge.extras import Extras

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hotline_bridge.errors import StopRun

CONNECTION = "platform_12315"
"""The Airflow connection that holds these settings."""

SUCCESS_CODES = frozenset({"0", "0000"})
"""The success codes of the printed examples: the number 0 and the text "0000"; the text "0" is taken as the former."""

# The client sets these itself; a signature in their place would break the request or vanish on the way.
_TAKEN_HEADERS = frozenset(
    {"accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "cookie"}
    | {"expect", "host", "te", "trailer", "transfer-encoding", "upgrade", "user-agent"}
)
# Other bytes of a header are read differently by each server, and CR or LF would end it.
_VISIBLE_TEXT = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


@dataclass(frozen=True, slots=True)
class PlatformSettings:
    """Where the platform is, who calls it, and how patiently.

    Raises:
        StopRun: A value cannot be used; the message names the field or extra of the connection, never the value.
    """

    base_url: str
    """`http://` or `https://`, host, port and where needed a path; the paths of the specification are appended."""
    app_id: str
    token: str = field(repr=False)
    auth_header: str = "Authorization"
    """Header that carries the signature; its name is not printed."""
    timeout_s: float = 30.0
    """Seconds for one try in all: connecting, sending and the whole answer (specification 4.8.2.1.1 e)."""
    tries: int = 4
    """Tries at once while no answer comes, of a read while no usable one does: the first and three more
    (specification 4.8.2.1.1 e)."""
    max_concurrency: int = 32
    """Requests in flight at once."""
    max_answer_bytes: int = 32 * 1024 * 1024
    """Greatest answer that is read. 500 rows filled to their printed lengths take up to 21 MiB as ASCII-only JSON."""
    retry_after_cap_s: float = 3600.0
    """Longest time in seconds that a Retry-After of the platform is honoured for."""
    breaker_failures: int = 10
    """Tries in a row without a usable answer that end a run."""
    duplicate_codes: frozenset[str] = frozenset()
    """Answer codes that mean "stored already": counted as delivered."""
    retry_codes: frozenset[str] = frozenset()
    """Answer codes that mean "try again later": the record is not parked."""
    ca_file: str | None = None
    """PEM file with the authorities that the platform's certificate is checked against; None: those of the system."""
    areas: frozenset[str] = frozenset()
    """Known area codes (行政区划代码), six digits each; a record of another area is flagged, never held back."""
    audit_required: bool = False
    """Whether new versions of orders are held until the local bureau has decided on them (4.4)."""
    collect_from: datetime | None = None
    """Registration time from which cases are collected, aware; None: 120 days before the first run."""
    reconcile_days: int = 45
    """Days back from yesterday that a scheduled reconciliation counts."""
    resend_after_h: float = 24.0
    """Hours for which an accepted order may be unseen among the cases before it counts as lost by the platform."""
    explain_not_collected_h: float = 1.0
    """Hours for which a docking row that nobody has taken in explains a difference of counts; then it is an alarm."""
    explain_waiting_h: float = 24.0
    """The same for a version that waits to be sent, from when it was taken in."""
    explain_rejected_h: float = 168.0
    """The same for a version that the platform refused: it is tried again for a week."""
    explain_held_h: float = 72.0
    """The same for a version that is held: by the audit, or for what its record still lacks."""
    empty_drain_pause_s: float = 840.0
    """Seconds for which scheduled runs leave an empty drain alone: nearly a quarter of an hour, so that of runs every
    five minutes the third asks again."""

    @property
    def unauthorized_remedy(self) -> str:
        """What to do where the platform refuses who calls."""
        return (
            f"correct login, password or auth_header of connection {called(CONNECTION)}, and the clock of this machine"
            f"{self.header_doubt}"
        )

    @property
    def header_doubt(self) -> str:
        """Why the signature may not even have arrived; empty where nothing speaks for that."""
        if "_" not in self.auth_header:
            return ""
        return (
            f"; or a gateway on the way drops header {self.auth_header}, as nginx does with names that hold _: see"
            " docs/runbooks/wrong-token.md"
        )

    def __post_init__(self) -> None:
        """Checks every value."""
        _check_url(self.base_url)
        object.__setattr__(self, "base_url", self.base_url.rstrip("/"))
        if "&" in self.app_id or not _VISIBLE_TEXT.fullmatch(self.app_id):
            raise wrong_setting("login", 'must be the AppId: ASCII text without line breaks, outer blanks or "&"')
        if not _VISIBLE_TEXT.fullmatch(self.token):
            raise wrong_setting("password", "must be the Token: ASCII text without line breaks or outer blanks")
        if not extras.HEADER_NAME.fullmatch(self.auth_header) or self.auth_header.lower() in _TAKEN_HEADERS:
            raise wrong_setting(
                "extra auth_header", "must be the name of an HTTP header that the client does not set itself"
            )
        explained = [entry.name for entry in fields(self) if entry.name.startswith("explain_")]
        for name in ("timeout_s", "retry_after_cap_s", "empty_drain_pause_s", "resend_after_h", *explained):
            value = getattr(self, name)
            if not (_is_number(value) and math.isfinite(value) and value > 0):
                unit = "hours" if name.endswith("_h") else "seconds"
                raise wrong_setting(f"extra {name}", f"must be a positive number of {unit}")
        for name in ("tries", "max_concurrency", "max_answer_bytes", "breaker_failures", "reconcile_days"):
            value = getattr(self, name)
            if not (_is_number(value) and isinstance(value, int) and value > 0):
                raise wrong_setting(f"extra {name}", "must be a positive whole number")
        self._check_codes()
        if self.ca_file is not None and not self.ca_file.strip():
            raise wrong_setting("extra ca_file", "must be the path of a PEM file, or be left out")
        if not all(re.fullmatch(r"[0-9]{6}", area) for area in self.areas):
            raise wrong_setting("extra areas", "must list area codes of six digits")

    def _check_codes(self) -> None:
        for name in ("duplicate_codes", "retry_codes"):
            if SUCCESS_CODES & getattr(self, name):
                raise wrong_setting(f"extra {name}", "must not list a success code (0 or 0000)")
        if self.duplicate_codes & self.retry_codes:
            raise wrong_setting("extra retry_codes", "must not list a code that duplicate_codes lists too")


def wrong_setting(where: str, what: str) -> StopRun:
    """The error for one field or extra of the connection, ready to be raised."""
    return extras.wrong_setting(CONNECTION, where, what)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _check_url(url: str) -> None:
    remedy = "must be the platform's address, such as http://10.0.0.1:8080: scheme, host, port, path and nothing else"
    # urlsplit drops line breaks and tabs silently.
    if not re.fullmatch(r"[\x21-\x7e]+", url):
        raise wrong_setting("host", remedy)
    try:
        parts = urlsplit(url)
        port = parts.port
        # What the resolver or the HTTP library cannot read would look like a lost answer later.
        (parts.hostname or "").encode("idna")
        URL(url)
    except ValueError:
        raise wrong_setting("host", remedy) from None
    extras = parts.query or parts.fragment or "?" in url or "#" in url or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or extras or port == 0:
        raise wrong_setting("host", remedy)


PLATFORM_EXTRAS = Extras(
    CONNECTION,
    PlatformSettings,
    (
        ("auth_header", "header that carries AppId&Token&MD5; its name is not printed", "a header name", extras.text),
        ("timeout_s", "seconds for one try in all: connecting, sending, the whole answer", "a number", extras.number),
        (
            "tries",
            "tries at once while no answer comes, of a read while no usable one does; the first included",
            "a whole number",
            extras.whole,
        ),
        ("max_concurrency", "requests in flight at once", "a whole number", extras.whole),
        ("max_answer_bytes", "greatest answer that is read, in bytes", "a whole number", extras.whole),
        ("retry_after_cap_s", "longest Retry-After that is honoured, in seconds", "a number", extras.number),
        ("breaker_failures", "tries in a row without a usable answer that end a run", "a whole number", extras.whole),
        ("duplicate_codes", 'answer codes that mean "stored already"', "a list", extras.codes),
        ("retry_codes", 'answer codes that mean "try again later"', "a list", extras.codes),
        ("ca_file", "PEM file of the authorities that sign the platform's certificate", "a path", extras.text),
        ("areas", "known area codes; records of other areas are flagged, not held back", "a list", extras.codes),
        (
            "audit_required",
            "orders are held until the local bureau passes or returns them",
            "true or false",
            extras.switch,
        ),
        (
            "collect_from",
            "registration time from which cases are collected; 120 days before the first run where it is not set",
            "a day such as 2026-01-01",
            extras.moment,
        ),
        ("reconcile_days", "days back from yesterday that a reconciliation counts", "a whole number", extras.whole),
        ("resend_after_h", "hours after which an accepted order that no case shows is lost", "a number", extras.number),
        (
            "explain_not_collected_h",
            "hours for which a row of 12345 that is not taken in explains a difference of counts",
            "a number",
            extras.number,
        ),
        (
            "explain_waiting_h",
            "the same for what waits to be sent, from when it was taken in",
            "a number",
            extras.number,
        ),
        ("explain_rejected_h", "the same for what the platform refused", "a number", extras.number),
        ("explain_held_h", "the same for what is held", "a number", extras.number),
        (
            "empty_drain_pause_s",
            "seconds for which scheduled runs do not ask a drain again that was empty",
            "a number",
            extras.number,
        ),
    ),
)
"""Every extra that is read; each is a field of `PlatformSettings`, which holds its default and checks its value."""


def read_settings(base_url: str, app_id: str, token: str, given: Mapping[str, object]) -> PlatformSettings:
    """The settings from the fields of the connection and its extras.

    Raises:
        StopRun: A value cannot be used; the message names the extra, never the value.
    """
    return PlatformSettings(base_url, app_id, token, **PLATFORM_EXTRAS.read(given))
