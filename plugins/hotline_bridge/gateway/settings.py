"""What a deployment sets about the gateway (connection `gateway_12345`): how it is reached, what a caller may do.

`GATEWAY_EXTRAS` is the one table of the connection's extras that the reader and the documentation share.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from hotline_bridge.errors import StopRun

CONNECTION = "gateway_12345"
"""The Airflow connection that holds these settings; without it the defaults hold."""
DOCKING = "docking_gateway_db"
"""The connection of the docking store by which the order form reads and adds orders; without it `docking_db` serves."""
STORE = "gateway_db"
"""The connection of the local store with the role `hotline_gateway`; without it `local_db` serves."""

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """How 12345 reaches us, and how much one caller may ask for.

    Raises:
        StopRun: A value cannot be used; the message names the field or extra of the connection, never the value.
    """

    public_url: str = ""
    """`https://` or `http://`, host, port and path under which 12345 and its browsers reach us, without a slash at its
    end; empty where nothing has to be told our address."""
    auth_header: str = "Authorization"
    """Header that carries the signature; its name is not printed."""
    methods: tuple[str, ...] = ("POST",)
    """HTTP methods of the three interfaces; the specification prints none."""
    max_body_bytes: int = 512 * 1024
    body_within_s: float = 10.0
    """Seconds for a request's body to arrive, and for its headers."""
    answer_within_s: float = 20.0
    """Seconds for an answer to be made, less than the 30 after which the caller asks again (4.8.2.1.1 e)."""
    read_within_s: float = 30.0
    """Seconds in which a caller has to read on in an answer that it takes."""
    calls_per_s: float = 50.0
    """Calls a second of one client, over some time."""
    calls_burst: int = 200
    """Calls that it may make at once, beyond that."""
    calls_at_once: int = 4
    """Calls of one client that are answered at the same time."""
    failed_per_minute: float = 60.0
    """Failed checks a minute of one address that are looked at and logged; further ones are only turned away."""
    connections_per_address: int = 200
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies whose X-Forwarded-For is believed."""
    signed_addresses: bool = False
    """Whether the order form opens by an address that 12345 signs itself, where its servers cannot call ours."""
    sessions: int = 8
    """Sessions on the local store: more than one client may hold."""

    def __post_init__(self) -> None:
        """Checks every value."""
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        parts = urlsplit(self.public_url)
        if self.public_url and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.query):
            raise wrong_setting("host", "must be the address that 12345 calls, such as https://12315.example.gov.cn")
        if not _HEADER_NAME.fullmatch(self.auth_header):
            raise wrong_setting("extra auth_header", "must be the name of an HTTP header")
        if not self.methods or {*self.methods} - {"POST", "GET", "PUT"}:
            raise wrong_setting("extra methods", "must list POST, GET or PUT")
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not isinstance(value, bool) and isinstance(value, int | float) and not value > 0:
                raise wrong_setting(f"extra {entry.name}", "must be a positive number")


_DEFAULTS = {entry.name: entry.default for entry in fields(GatewaySettings)}


def wrong_setting(where: str, what: str) -> StopRun:
    """The error for one field or extra of the connection, ready to be raised."""
    return StopRun(f"{where} of connection {CONNECTION} {what}", remedy="fix it in the connection")


@dataclass(frozen=True, slots=True)
class Extra:
    """One extra of the connection: how it is called, read, and explained to whoever sets it."""

    name: str
    meaning: str
    expects: str
    read: Callable[[str], object]

    @property
    def default(self) -> object:
        """What holds where the connection does not say."""
        return _DEFAULTS[self.name]


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\s,\[\]\"']+", text))


def _switch(text: str) -> bool:
    return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]


def _whole(text: str) -> int:
    return int(float(text)) if float(text).is_integer() else int(text)


GATEWAY_EXTRAS: tuple[Extra, ...] = (
    Extra("auth_header", "header that carries AppId&Token&MD5; its name is not printed", "a header name", str),
    Extra("methods", "HTTP methods of the interfaces; none is printed", "a list of POST, GET, PUT", _words),
    Extra("max_body_bytes", "greatest request that is read, in bytes", "a whole number", _whole),
    Extra("body_within_s", "seconds for the headers, and for the body of a request to arrive", "a number", float),
    Extra("answer_within_s", "seconds for an answer to be made", "a number", float),
    Extra("read_within_s", "seconds in which a caller has to read on in an answer", "a number", float),
    Extra("calls_per_s", "calls a second of one client, over some time", "a number", float),
    Extra("calls_burst", "calls that it may make at once beyond that", "a whole number", _whole),
    Extra("calls_at_once", "calls of one client that are answered at the same time", "a whole number", _whole),
    Extra("failed_per_minute", "failed checks of one address that are looked at, a minute", "a number", float),
    Extra("connections_per_address", "connections of one address at the same time", "a whole number", _whole),
    Extra("trusted_proxies", "addresses of proxies whose X-Forwarded-For is believed", "a list", _words),
    Extra(
        "signed_addresses",
        "the order form opens by an address that 12345 signs, too",
        "true or false",
        _switch,
    ),
    Extra("sessions", "sessions on the local store", "a whole number", _whole),
)
"""Every extra that is read; each is a field of `GatewaySettings`, which holds its default and checks its value."""


def read_settings(public_url: str, extras: Mapping[str, object]) -> GatewaySettings:
    """The settings from the fields of the connection and its extras, read by name only; others are ignored.

    Args:
        public_url: The field host.
        extras: Values may be JSON or texts, lists JSON or comma-separated.

    Raises:
        StopRun: A value cannot be used; the message names the extra, never the value.
    """
    known: dict[str, object] = {}
    for extra in GATEWAY_EXTRAS:
        value = extras.get(extra.name)
        if value in (None, ""):
            continue
        try:
            known[extra.name] = extra.read(str(value).strip())
        except (KeyError, ValueError, OverflowError):
            raise wrong_setting(f"extra {extra.name}", f"must be {extra.expects} ({extra.meaning})") from None
    return GatewaySettings(public_url=public_url, **known)  # type: ignore[arg-type]  # each reader returns its field's type


def unknown_extras(extras: Iterable[str]) -> list[str]:
    """Names that no setting has, sorted: a misspelt extra has no effect."""
    return sorted(set(extras) - _DEFAULTS.keys())
