"""Where alerts go: mail, and a chat robot's webhook. One interface; each is set up by an Airflow connection."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Protocol

from hotline_bridge.errors import TryAgainLater

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hotline_bridge.alerts.conditions import Case

TIMEOUT_S = 15.0

TEMPLATES: Mapping[str, str] = {
    "wecom": '{"msgtype": "markdown", "markdown": {"content": $text}}',
    "dingtalk": '{"msgtype": "markdown", "markdown": {"title": $title, "text": $text}}',
    "generic": '{"title": $title, "text": $text}',
}
"""JSON that the robots of WeCom (企业微信) and DingTalk (钉钉) take; $title and $text stand for JSON strings."""


class Notifier(Protocol):
    """Somebody who can be told."""

    def send(self, cases: Sequence[Case]) -> None:
        """Tell these cases in one message. Raises TryAgainLater when that fails."""


def title(cases: Sequence[Case]) -> str:
    """One line for all cases."""
    names = "、".join(dict.fromkeys(case.title for case in cases))
    return f"【12315 对接】{names}"


def text(cases: Sequence[Case]) -> str:
    """All cases, each with what happened, since when, how many, and what to do."""
    return "\n\n".join(f"■ {case.title}\n{case.text}" for case in cases)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A chat robot, or any address that takes JSON by POST.

    `template` is the body, with `$title` and `$text` where the JSON strings go; `secret` signs as DingTalk asks.
    """

    url: str = field(repr=False)
    template: str = TEMPLATES["generic"]
    secret: str | None = field(default=None, repr=False)

    def send(self, cases: Sequence[Case]) -> None:
        """POST one message; a robot says in its answer (`errcode`) whether it took it."""
        body = Template(self.template).substitute(title=json.dumps(title(cases)), text=json.dumps(text(cases)))
        request = urllib.request.Request(  # noqa: S310  (http and https only: checked where the connection is read)
            self._signed_url(), data=body.encode(), headers={"Content-Type": "application/json"}, method="POST"
        )
        try:
            with _OPENER.open(request, timeout=TIMEOUT_S) as response:
                answer = response.read(65_536)
        except (urllib.error.URLError, OSError) as error:
            # The URL holds the robot's key: it is named by its connection alone.
            raise TryAgainLater(
                f"the webhook of connection alert_webhook cannot be reached ({type(error).__name__})",
                remedy="see whether the robot still exists and the address is reachable from here",
            ) from None
        if _errcode(answer) not in {0, None}:
            raise TryAgainLater(
                f"the robot of connection alert_webhook refuses the message (errcode {_errcode(answer)})",
                remedy="compare key, secret and format with the robot's settings",
            )

    def _signed_url(self) -> str:
        if self.secret is None:
            return self.url
        moment = str(round(time.time() * 1000))
        digest = hmac.new(self.secret.encode(), f"{moment}\n{self.secret}".encode(), hashlib.sha256).digest()
        query = urllib.parse.urlencode({"timestamp": moment, "sign": base64.b64encode(digest).decode()})
        return f"{self.url}{'&' if '?' in self.url else '?'}{query}"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect would carry the message to an address that nobody set."""

    def redirect_request(self, *_: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


def _errcode(answer: bytes) -> int | None:
    try:
        value = json.loads(answer)
    except ValueError:
        return None
    code = value.get("errcode") if isinstance(value, dict) else None
    return code if isinstance(code, int) else None


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail through an SMTP server; `deliver` is the SMTP hook's sending, given to, subject and HTML."""

    to: Sequence[str]
    deliver: Callable[[Sequence[str], str, str], None]

    def send(self, cases: Sequence[Case]) -> None:
        """Send one mail to all recipients."""
        html = "".join(f"<h3>{case.title}</h3><p>{case.text.replace(chr(10), '<br>')}</p>" for case in cases)
        try:
            self.deliver(self.to, title(cases), html)
        except OSError as error:  # smtplib's errors are OSErrors
            raise TryAgainLater(
                f"the mail server of connection alert_mail does not take the alert ({type(error).__name__})",
                remedy="check host, port, login and password, and whether the server accepts these recipients",
            ) from None
