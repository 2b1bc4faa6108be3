"""What a deployment sets about the gateway (connection `gateway_12345`): how it is reached, what a caller may do.

`GATEWAY_EXTRAS` is the one table of the connection's extras that the reader and the documentation share.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from ipaddress import ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from hotline_bridge import extras
from hotline_bridge.extras import Extras

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hotline_bridge.errors import StopRun

CONNECTION = "gateway_12345"
"""The Airflow connection that holds these settings; without it the defaults hold."""
DOCKING = "docking_gateway_db"
"""The connection of the docking store by which the order form reads and adds orders; without it `docking_db` serves."""
STORE = "gateway_db"
"""The connection of the local store with the role `hotline_gateway`; without it `local_db` serves."""


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
    unsigned_per_s: float = 100.0
    """Requests a second of one address that nobody signs, over some time: those of the order form, of `/ready`."""
    unsigned_burst: int = 500
    """Such requests that it may make at once, beyond that."""
    connections_per_address: int = 200
    """Connections of one address at the same time; those of `trusted_proxies` are theirs to limit."""
    trusted_proxies: tuple[str, ...] = ()
    """Addresses of proxies, or networks of them: their X-Forwarded-For says whose requests these are."""
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
        if not extras.HEADER_NAME.fullmatch(self.auth_header):
            raise wrong_setting("extra auth_header", "must be the name of an HTTP header")
        if not self.methods or {*self.methods} - {"POST", "GET", "PUT"}:
            raise wrong_setting("extra methods", "must list POST, GET or PUT")
        for proxy in self.trusted_proxies:
            try:
                ip_network(proxy)
            except ValueError:
                wanted = "must list addresses, or networks such as 10.1.2.0/24"
                raise wrong_setting("extra trusted_proxies", wanted) from None
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not isinstance(value, bool) and isinstance(value, int | float) and not value > 0:
                raise wrong_setting(f"extra {entry.name}", "must be a positive number")


def wrong_setting(where: str, what: str) -> StopRun:
    """The error for one field or extra of the connection, ready to be raised."""
    return extras.wrong_setting(CONNECTION, where, what)


GATEWAY_EXTRAS = Extras(
    CONNECTION,
    GatewaySettings,
    (
        ("auth_header", "header that carries AppId&Token&MD5; its name is not printed", "a header name", extras.text),
        ("methods", "HTTP methods of the interfaces; none is printed", "a list of POST, GET, PUT", extras.words),
        ("max_body_bytes", "greatest request that is read, in bytes", "a whole number", extras.whole),
        (
            "body_within_s",
            "seconds for the headers, and for the body of a request to arrive",
            "a number",
            extras.number,
        ),
        ("answer_within_s", "seconds for an answer to be made", "a number", extras.number),
        ("read_within_s", "seconds in which a caller has to read on in an answer", "a number", extras.number),
        ("calls_per_s", "calls a second of one client, over some time", "a number", extras.number),
        ("calls_burst", "calls that it may make at once beyond that", "a whole number", extras.whole),
        ("calls_at_once", "calls of one client that are answered at the same time", "a whole number", extras.whole),
        ("failed_per_minute", "failed checks of one address that are looked at, a minute", "a number", extras.number),
        (
            "unsigned_per_s",
            "requests a second of one address that nobody signs (order form, `/ready`), over some time",
            "a number",
            extras.number,
        ),
        ("unsigned_burst", "such requests that it may make at once beyond that", "a whole number", extras.whole),
        (
            "connections_per_address",
            "connections of one address at the same time, but for trusted proxies",
            "a whole number",
            extras.whole,
        ),
        ("trusted_proxies", "addresses of proxies whose X-Forwarded-For is believed", "a list", extras.words),
        (
            "signed_addresses",
            "the order form opens by an address that 12345 signs, too",
            "true or false",
            extras.switch,
        ),
        ("sessions", "sessions on the local store", "a whole number", extras.whole),
    ),
)
"""Every extra that is read; each is a field of `GatewaySettings`, which holds its default and checks its value."""


def read_settings(public_url: str, given: Mapping[str, object]) -> GatewaySettings:
    """The settings from the field host of the connection and its extras.

    Raises:
        StopRun: A value cannot be used; the message names the extra, never the value.
    """
    return GatewaySettings(public_url=public_url, **GATEWAY_EXTRAS.read(given))
