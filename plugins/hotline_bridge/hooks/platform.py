"""Turns the Airflow connection `platform_12315` (login = AppId, password = Token) into settings, and calls it once."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from hotline_bridge.clock import SHANGHAI
from hotline_bridge.contract.reader import contract
from hotline_bridge.hooks.connections import find_connection
from hotline_bridge.platform_client.client import PlatformClient
from hotline_bridge.platform_client.settings import CONNECTION, PLATFORM_EXTRAS, read_settings, wrong_setting

if TYPE_CHECKING:
    from hotline_bridge.hooks.connections import ConnectionFields
    from hotline_bridge.platform_client.settings import PlatformSettings

_log = logging.getLogger(__name__)


def platform_settings(conn_id: str = CONNECTION) -> PlatformSettings:
    """The settings of a connection of type http; its extras are those of `PLATFORM_EXTRAS`.

    Raises:
        StopRun: The connection is missing or a value cannot be used; says what to set.
    """
    connection = find_connection(conn_id)
    connection.require("host", "login", "password")
    if unknown := PLATFORM_EXTRAS.unknown(connection.extras):
        _log.warning("connection %s: extras without effect: %s", conn_id, ", ".join(unknown))
    return read_settings(base_url(connection), connection.login, connection.password, connection.extras)


def call_harmlessly(settings: PlatformSettings) -> datetime | None:
    """Ask for the count of the last minute. Returns the platform's clock, None where it sends no Date.

    Raises:
        StopRun, TryAgainLater: It refuses AppId and Token, cannot be reached, or answers what is no answer.
    """
    now = datetime.now(SHANGHAI)
    window = {
        "beginregtime": f"{now - timedelta(minutes=1):%Y%m%d%H%M%S}",
        "endregtime": f"{now:%Y%m%d%H%M%S}",
    }

    async def call() -> datetime | None:
        async with PlatformClient(settings) as client:
            await client.call(contract()["numcaseinfo"], window)
            return client.platform_time

    return asyncio.run(call())


def base_url(connection: ConnectionFields) -> str:
    """The platform's address by the conventions of http connections.

    The host is either a whole URL, or a host name with the scheme in `schema`; without one, that of the connection's
    type, so that a connection written as `https://...` is never spoken to in clear. The port field fills in where the
    URL has none.

    Raises:
        StopRun: Scheme or port contradict each other or cannot be read.
    """
    host, scheme = connection.host, connection.schema.lower()
    if scheme not in {"", "http", "https"}:
        raise wrong_setting("schema", "must be http or https; a path belongs into host, given as a whole URL")
    by_type = "https" if connection.conn_type.lower() == "https" else "http"
    try:
        parts = urlsplit(host if "://" in host else f"{scheme or by_type}://{host}")
        port = parts.port
    except ValueError:
        raise wrong_setting("host", "must be a host name or a URL such as http://10.0.0.1:8080") from None
    if scheme not in {"", parts.scheme}:
        raise wrong_setting("schema", "contradicts the scheme in host")
    if by_type == "https" != parts.scheme:
        raise wrong_setting(
            "schema", "says http, but the connection is written as https://: AppId and Token would go in clear"
        )
    if parts.hostname in {"http", "https"}:
        raise wrong_setting(
            "host", "must be a host name or a URL such as https://10.0.0.1:8443: its scheme is misspelt"
        )
    if parts.scheme == "http" and 443 in {port, connection.port}:
        raise wrong_setting("port", "is that of https, but the scheme is http: set schema to https")
    if connection.port is None:
        return urlunsplit(parts)
    if port is not None and port != connection.port:
        raise wrong_setting("port", "contradicts the port in host")
    netloc = parts.netloc if port is not None else f"{parts.netloc}:{connection.port}"
    return urlunsplit(parts._replace(netloc=netloc))
