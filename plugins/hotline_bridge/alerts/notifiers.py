"""Where alerts go: mail, and a chat robot's webhook. One interface; each is set up by an Airflow connection."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from http import HTTPStatus
from string import Template
from typing import TYPE_CHECKING, Protocol

from hotline_bridge.alerts.entries import Entry, entries
from hotline_bridge.cities import ONLY
from hotline_bridge.ending import run_apart
from hotline_bridge.errors import GivenUp, HotlineError, TryAgainLater

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hotline_bridge.alerts.conditions import Alert
    from hotline_bridge.cities import City

SEND_S = 30.0
"""Longest time of one message, in all."""
_SOCKET_S = 15.0

_CUT = "…（过长已截短，全文见 hotline alerts）"


@dataclass(frozen=True, slots=True)
class Format:
    """What a kind of robot takes, in bytes of UTF-8, and how it answers."""

    template: str
    """JSON body; $title and $text stand for JSON strings."""
    most_text: int | None = None
    """Longest text."""
    most_body: int = 20_000
    """Longest body."""
    answers: bool = False
    """Whether it says `errcode` 0 when it took the message: then anything else is a refusal."""


FORMATS: Mapping[str, Format] = {
    "wecom": Format('{"msgtype": "markdown", "markdown": {"content": $text}}', most_text=4_096, answers=True),
    "dingtalk": Format('{"msgtype": "markdown", "markdown": {"title": $title, "text": $text}}', answers=True),
    "generic": Format('{"title": $title, "text": $text}'),
}
"""The robots of WeCom (企业微信) and DingTalk (钉钉), and whatever else takes JSON."""

TOO_FAST = frozenset({45009, 130101, 410100})
"""`errcode` of a robot that took as much as it takes in a minute (WeCom; DingTalk, two of them)."""


class Notifier(Protocol):
    """Somebody who can be told."""

    @property
    def name(self) -> str:
        """Its connection."""

    def send(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Tell as many of these alerts as one message takes, most severe first.

        Returns:
            Those that were taken; none where it asks to be left alone for now.

        Raises:
            HotlineError: The message was not taken.
        """


@dataclass(frozen=True, slots=True)
class Broken:
    """A notifier that cannot be set up: it fails when it is to tell something, like one that is out of reach."""

    name: str
    error: HotlineError

    def send(self, _alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Raises what is wrong with its connection."""
        raise self.error


def in_time(notifier: Notifier, alerts: Sequence[Alert]) -> Sequence[Alert]:
    """Let the notifier send, for `SEND_S` at most, whatever it waits for: name service, server, an endless answer.

    Raises:
        HotlineError: It failed, or gave no answer in time.
    """
    try:
        return run_apart(lambda: notifier.send(alerts), SEND_S)
    except GivenUp:
        what, remedy = f"gave no answer within {SEND_S:g} s", "see whether its server can be reached from here"
    except HotlineError:
        raise
    except Exception as error:  # whatever is wrong with one notifier, the others are told
        what, remedy = f"cannot be used ({type(error).__name__})", "compare its fields with docs/configuration.md"
    raise TryAgainLater(f"connection {notifier.name} {what}", remedy=remedy)


def title(told: Sequence[Entry], city: City = ONLY) -> str:
    """One line for all causes, after whose bridge it is."""
    return f"【{f'{city.title} ' if city.name else ''}12315 对接】{'、'.join(entry.title for entry in told)}"


def text(told: Sequence[Entry], city: City = ONLY) -> str:
    """All causes, each with what happened, since when, how many, and what to do."""
    causes = [f"■ {entry.heading}\n{entry.text}" for entry in told]
    return "\n\n".join([*causes, *([_where_to_do_it(city)] if city.name else [])])


def _where_to_do_it(city: City) -> str:
    """How the names in the remedies are called in one city of several."""
    return f"以上命令加 --city {city.name}，DAG 的名称加 {city.named('')}。"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A chat robot, or any address that takes JSON by POST. `secret` signs as DingTalk asks."""

    url: str = field(repr=False)
    format: Format = FORMATS["generic"]
    secret: str | None = field(default=None, repr=False)
    name: str = "alert_webhook"
    city: City = ONLY
    """Whose bridge."""

    def send(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """POST one message of as many causes as fit; a robot says in its answer (`errcode`) whether it took it."""
        told, body = self._message(entries(alerts))
        request = urllib.request.Request(  # noqa: S310  (http and https only: checked where the connection is read)
            self._signed_url(), data=body, headers={"Content-Type": "application/json; charset=utf-8"}, method="POST"
        )
        try:
            with _OPENER.open(request, timeout=_SOCKET_S) as response:
                answer = response.read(65_536)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.TOO_MANY_REQUESTS:
                return ()
            raise self._unreachable(f"HTTP {error.code}") from None
        except OSError as error:
            raise self._unreachable(type(error).__name__) from None
        code = _errcode(answer)
        if code in TOO_FAST:
            return ()
        if code not in {0, None} or (self.format.answers and code is None):
            said = "no errcode" if code is None else f"errcode {code}"
            raise TryAgainLater(
                f"the robot of connection {self.name} does not take the message ({said})",
                remedy="compare key, secret and format with the robot's settings",
            )
        return [alert for entry in told for alert in entry.alerts]

    def _unreachable(self, why: str) -> TryAgainLater:
        # The URL holds the robot's key: it is named by its connection alone.
        return TryAgainLater(
            f"the webhook of connection {self.name} cannot be reached ({why})",
            remedy="see whether the robot still exists and the address is reachable from here",
        )

    def _message(self, waiting: Sequence[Entry]) -> tuple[Sequence[Entry], bytes]:
        """The first causes that one message takes, whole; a single one that is too long is cut and says so."""
        count = len(waiting)
        while count > 1 and self._excess(title(waiting[:count], self.city), text(waiting[:count], self.city)) > 0:
            count -= 1
        told = waiting[:count]
        words = text(told, self.city)
        while (excess := self._excess(title(told, self.city), words)) > 0:
            kept = len(words.removesuffix(_CUT).encode()) - excess - len(_CUT.encode())
            words = words.removesuffix(_CUT).encode()[: max(kept, 0)].decode(errors="ignore") + _CUT
            if kept <= 0:
                break
        return told, self._body(title(told, self.city), words)

    def _body(self, line: str, words: str) -> bytes:
        # Chinese as it is: escaped it would be twice as long.
        values = {"title": json.dumps(line, ensure_ascii=False), "text": json.dumps(words, ensure_ascii=False)}
        return Template(self.format.template).substitute(values).encode()

    def _excess(self, line: str, words: str) -> int:
        """Bytes too many."""
        excess = len(self._body(line, words)) - self.format.most_body
        if self.format.most_text is not None:
            excess = max(excess, len(words.encode()) - self.format.most_text)
        return excess

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
    """What the robot says; None where it says nothing, or nothing that can be read."""
    try:
        value = json.loads(answer)
        return int(value["errcode"])
    except (ValueError, TypeError, KeyError):
        return None


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail through an SMTP server; `deliver` is the SMTP hook's sending, given to, subject and HTML."""

    to: Sequence[str]
    deliver: Callable[[Sequence[str], str, str], None]
    name: str = "alert_mail"
    city: City = ONLY
    """Whose bridge."""

    def send(self, alerts: Sequence[Alert]) -> Sequence[Alert]:
        """Send all in one mail to all recipients."""
        told = entries(alerts)
        page = "".join(
            f"<h3>{html.escape(entry.heading)}</h3><p>{html.escape(entry.text).replace(chr(10), '<br>')}</p>"
            for entry in told
        )
        if self.city.name:
            page += f"<p>{html.escape(_where_to_do_it(self.city))}</p>"
        try:
            self.deliver(self.to, title(told, self.city), page)
        except OSError as error:  # smtplib's errors are OSErrors
            raise TryAgainLater(
                f"the mail server of connection {self.name} does not take the alert ({type(error).__name__})",
                remedy="check host, port, login and password, and whether the server accepts these recipients",
            ) from None
        return alerts
