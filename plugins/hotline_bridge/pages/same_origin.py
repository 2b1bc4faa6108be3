"""Refuses a form that another site, or another port of this host, sends in the name of a signed-in user.

Cookies of Airflow are `SameSite=Lax`, which takes every port of a host for one site. The rule is that of Go's
`http.CrossOriginProtection`: what a browser says of itself in Sec-Fetch-Site, and on plain HTTP, where it does not say
it, whether Origin names the host that was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHANGE_NOTHING = frozenset({"GET", "HEAD", "OPTIONS"})
_OF_OURSELVES = frozenset({"same-origin", "none"})


def is_same_origin(method: str, headers: Mapping[str, str], known_as: str = "") -> bool:
    """Whether a request comes from a page of this very origin, or changes nothing.

    Args:
        method: Of the request, in upper case.
        headers: By name, in lower case.
        known_as: Host and port under which browsers know us, where a proxy asks for another.
    """
    if method in _CHANGE_NOTHING:
        return True
    if fetch_site := headers.get("sec-fetch-site"):
        return fetch_site in _OF_OURSELVES
    try:
        origin = urlsplit(headers.get("origin", "")).netloc
    except ValueError:
        return False
    # Where neither is said, no browser of today asks.
    return bool(origin) and origin in {headers.get("host"), known_as}
