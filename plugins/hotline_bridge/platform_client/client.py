"""Calls the platform: one session, one deadline a try, tries at once while no answer comes.

See architecture: tries and waits.
"""

from __future__ import annotations

import asyncio
import math
import random
import ssl
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

import aiohttp
from yarl import URL

from hotline_bridge.cities import called
from hotline_bridge.errors import Refused, StopRun, TryAgainLater
from hotline_bridge.platform_client.answers import Answer, Attempt, Outcome, classify
from hotline_bridge.platform_client.pace import Pace, shared_pace
from hotline_bridge.platform_client.redaction import scrub, scrub_code, secrets_of
from hotline_bridge.platform_client.request import across_midnight, build_request, sign
from hotline_bridge.platform_client.settings import CONNECTION
from hotline_bridge.platform_client.transport import http_date, open_session, read_capped, retry_after_s, unpack

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType

    from hotline_bridge.contract.model import Interface
    from hotline_bridge.platform_client.settings import PlatformSettings

_PAUSE_S = (0.05, 0.25)
"""Between tries at once."""
_READ_PAUSES_S = (0.2, 0.6, 1.8, 5.0)
"""Before each further try of a read, drawn from the upper half of it; the last one before all that follow."""
_MISSING = frozenset({Outcome.NO_ANSWER, Outcome.UNREACHABLE})
_READS = frozenset({"query", "drain", "reconcile"})
"""Kinds of interfaces that change nothing on the platform, so that asking twice does no harm."""
_NOT_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.ClientConnectorCertificateError,
    aiohttp.InvalidURL,
)


class PlatformClient:
    """An asynchronous context manager over one HTTP session; any number of tasks may share it.

    At most `settings.max_concurrency` requests are in flight, at a pace that adapts to what the platform, or a gateway
    before it, admits (`Pace`). Redirects are not followed, cookies not kept, proxies of
    the environment not used; certificates are verified.

    Args:
        settings: Where the platform is and how patiently it is called.
        now: Tells the aware moment that signatures and the interaction log carry.

    Raises:
        StopRun: On entering: the file `ca_file` cannot be used.
    """

    def __init__(self, settings: PlatformSettings, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.settings = settings
        self._now = now
        self._slots = asyncio.Semaphore(settings.max_concurrency)
        self._queue = asyncio.Lock()
        self._session: aiohttp.ClientSession | None = None
        self.pace = Pace()
        """Shared with all clients of this process for the same platform, once entered."""
        self._sharing: AbstractContextManager[Pace] = shared_pace(settings.base_url)
        self._date: str | None = None

    async def __aenter__(self) -> Self:
        """Opens the session; nothing is sent yet."""
        self._session = open_session(self.settings)
        self.pace = self._sharing.__enter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the session and its connections."""
        self._sharing.__exit__(kind, error, trace)
        if self._session is not None:
            await self._session.close()

    @property
    def platform_time(self) -> datetime | None:
        """What the platform's clock said with its last answer (header Date), aware; None where it did not say."""
        return http_date(self._date or "")

    async def attempt(
        self, interface: Interface, body: bytes, number: int = 1, *, signed_for: datetime | None = None
    ) -> Attempt:
        """One POST under one deadline. Whatever the platform or the network does ends as an outcome, never as an error.

        Args:
            interface: The interface to call.
            body: The request, sent byte for byte.
            number: Number of this try within its delivery.
            signed_for: Aware moment whose day is signed; None means the moment of sending.
        """
        settings = self.settings
        async with self._slots:
            started_at = self._now()
            began = time.monotonic()
            headers = {settings.auth_header: sign(settings.app_id, settings.token, body, signed_for or started_at)}
            answer, status, wait, content = await self._exchange(interface, body, headers)
            elapsed_ms = (time.monotonic() - began) * 1000.0
        crowded = self.pace.learn(began, status)
        code, message = answer.code, answer.message
        if code is not None and answer.outcome is not Outcome.DELIVERED:
            code, message = self._redacted(interface, body, answer)
        return Attempt(
            interface=interface.name,
            number=number,
            started_at=started_at,
            elapsed_ms=elapsed_ms,
            outcome=answer.outcome,
            http_status=status,
            code=code,
            message=message,
            retry_after_s=wait,
            may_have_arrived=answer.may_have_arrived,
            data=None if interface.kind in _WITHOUT_DATA else answer.data,
            answer=content if answer.outcome is Outcome.DELIVERED and interface.kind not in _WITHOUT_DATA else b"",
            crowded=crowded,
        )

    async def deliver(
        self,
        interface: Interface,
        body: bytes,
        *,
        stop: Callable[[], bool] = lambda: False,
        seen: Callable[[Attempt], None] = lambda _: None,
        deadline: float = math.inf,
        give_up_at: float = math.inf,
    ) -> list[Attempt]:
        """Tries until an answer comes, at most `settings.tries` times at once; each try is signed anew.

        Each try waits for its turn (`Pace`). Any answer ends the tries of a report or an acknowledgement: it
        may have been carried out. A read (query, drain, count) is asked again until its answer is usable, as 5xx, an
        empty or cut answer, a page or no JSON say nothing about the next one; with growing pauses, or that of the
        platform (Retry-After). Only a business code ends it. Two exceptions: what 429 refused is asked again also of an
        acknowledgement, beyond `settings.tries`, since nothing was carried out (the queue does that for reports); and a
        signature that is refused near midnight is made once more, for the day on the other side of it.

        Args:
            interface: The interface to call.
            body: The request, sent byte for byte at every try.
            stop: Becomes true when the run has to end; no further try starts then. The first is always made.
            seen: Told of each try as soon as it has ended, while others may follow.
            deadline: Reading of `time.monotonic` at which the run ends: no pause reaches beyond it.
            give_up_at: Reading of `time.monotonic` from which on not even the first try is made. Where it is given,
                `stop` prevents the first try too.

        Returns:
            All tries in order; none only where `give_up_at` was given. The last one decides; but the record may have
            arrived by any of them.
        """
        await self._turn(stop, min(deadline, give_up_at))
        if time.monotonic() >= give_up_at or (give_up_at < math.inf and stop()):
            return []
        attempts = [await self.attempt(interface, body)]
        seen(attempts[0])
        while _is_tried_again(interface, last := attempts[-1]) and self._may_try_again(attempts):
            pause = _pause_s(interface, last)
            if stop() or time.monotonic() + pause >= deadline:
                break
            await asyncio.sleep(pause)
            if last.outcome is Outcome.TRY_LATER:
                await self._turn(stop, deadline)
            if stop() or time.monotonic() >= deadline:
                break
            attempts.append(await self.attempt(interface, body, last.number + 1))
            seen(attempts[-1])
        if last.outcome is Outcome.UNAUTHORIZED and body and not stop():
            other_day = across_midnight(last.started_at, self._now())
            if other_day is not None:
                attempts.append(await self.attempt(interface, body, last.number + 1, signed_for=other_day))
                seen(attempts[-1])
        return attempts

    async def _turn(self, stop: Callable[[], bool], until: float) -> None:
        """Waits for the turn of one more request, but no longer than `until`, or than nobody wants it any more."""
        # One behind the other: a turn is the pace's of the moment, not that of when somebody began to wait.
        async with self._queue:
            while not stop() and (left := until - time.monotonic()) > 0 and (wait := self.pace.take()) > 0:  # noqa: ASYNC110  (waits for a moment)
                await asyncio.sleep(min(wait, left, 1.0))

    def _may_try_again(self, attempts: Sequence[Attempt]) -> bool:
        about_pace = sum(attempt.is_about_pace for attempt in attempts)
        return len(attempts) - about_pace < self.settings.tries and about_pace < self.settings.breaker_failures

    async def call(self, interface: Interface, values: Mapping[str, str | None]) -> Attempt:
        """One call with its tries, for those who want an answer or an error.

        Args:
            interface: The interface to call.
            values: Request fields by wire name.

        Returns:
            The successful try; its `data` is the platform's.

        Raises:
            TryAgainLater: No usable answer.
            Refused: The platform says no.
            StopRun: 401 or 403.
            Quarantined: A text cannot be sent as UTF-8.
        """
        body, patience_s = build_request(interface, values), self.settings.timeout_s * self.settings.tries
        last = (await self.deliver(interface, body, deadline=time.monotonic() + patience_s))[-1]
        if last.outcome in {Outcome.DELIVERED, Outcome.DUPLICATE}:
            return last
        key = values.get(interface.key) if interface.key else None
        what = f"{last.outcome.value} (code {last.code}): {last.message}" if last.code else str(last.message)
        if last.outcome is Outcome.REFUSED:
            remedy = "fix the record at its source, or ask the platform what the code means"
            raise Refused(what, interface=interface.name, key=key, remedy=remedy)
        if last.outcome is Outcome.UNAUTHORIZED:
            raise StopRun(what, interface=interface.name, remedy=f"fix connection {called(CONNECTION)}")
        # What cannot be reached has said what to check.
        later = None if last.outcome is Outcome.UNREACHABLE else _LATER
        raise TryAgainLater(what, interface=interface.name, key=key, remedy=later, retry_after_s=last.retry_after_s)

    async def _exchange(
        self, interface: Interface, body: bytes, headers: dict[str, str]
    ) -> tuple[Answer, int | None, float | None, bytes]:
        """The answer understood, its status, the seconds that it asks to wait, and its bytes where all of them came."""
        session = self._session
        if session is None:
            raise RuntimeError("PlatformClient is used outside of its `async with`")
        status: int | None = None
        wait: float | None = None
        try:
            async with session.post(
                URL(self.settings.base_url + interface.path), data=body, headers=headers, allow_redirects=False
            ) as response:
                status = response.status
                self._date = response.headers.get("Date")
                if (stated := response.headers.get("Retry-After")) is not None:
                    # A date is told by the platform's clock, which need not be ours.
                    now = self.platform_time or self._now()
                    wait = retry_after_s(stated, now=now, cap_s=self.settings.retry_after_cap_s)
                content = unpack(
                    await read_capped(response, self.settings.max_answer_bytes),
                    response.headers.get("Content-Encoding", ""),
                    self.settings.max_answer_bytes,
                )
        except aiohttp.ClientSSLError as error:
            words = f"no trusted connection by https ({type(error).__name__}): {_tls_remedy(error)}"
            return Answer(Outcome.UNREACHABLE, may_have_arrived=False, message=words), None, None, b""
        except _NOT_SENT as error:
            words = f"the platform cannot be reached ({type(error).__name__}): check host, port and network"
            return Answer(Outcome.UNREACHABLE, may_have_arrived=False, message=words), None, None, b""
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if status is not None and status != 200:
                # Such a status decides without its body.
                return classify(interface, status, b"", self.settings), status, wait, b""
            words = f"no whole answer came (deadline {self.settings.timeout_s:g} s): {type(error).__name__}"
            return Answer(Outcome.NO_ANSWER, may_have_arrived=True, message=words), status, wait, b""
        return classify(interface, status, content, self.settings), status, wait, content

    def _redacted(self, interface: Interface, body: bytes, answer: Answer) -> tuple[str | None, str]:
        try:
            secrets, key = secrets_of(interface, body)
        except ValueError:
            return None, "the platform's words are not kept: the body is not one that this package builds"
        secrets.append(self.settings.token)
        code = None if answer.code is None else scrub_code(answer.code, secrets)
        return code, scrub(answer.message or "", secrets, key)


def _tls_remedy(error: aiohttp.ClientSSLError) -> str:
    """What to do about a handshake that failed, by OpenSSL's reason."""
    cause = error.certificate_error if isinstance(error, aiohttp.ClientConnectorCertificateError) else error.os_error
    if isinstance(cause, ssl.SSLCertVerificationError):
        if cause.verify_code == _OTHER_NAME:
            return "the certificate is for another name: give the host as the certificate names it"
        return f"the certificate is not trusted (code {cause.verify_code}): set extra ca_file to its authority's file"
    return "the peer speaks no TLS that is allowed here: check scheme, port and the platform's TLS version"


_OTHER_NAME = 62
"""X509_V_ERR_HOSTNAME_MISMATCH of OpenSSL."""
_LATER = "it is tried again later; if this goes on, ask the platform"
_WITHOUT_DATA = frozenset({"report", "acknowledge"})


def _is_tried_again(interface: Interface, last: Attempt) -> bool:
    """Whether nothing but another try can tell: no answer came, or none to a read that an application gave."""
    if last.is_about_pace:
        return interface.kind != "report"
    return last.outcome in _MISSING or (
        interface.kind in _READS and last.outcome is Outcome.TRY_LATER and last.code is None
    )


def _pause_s(interface: Interface, last: Attempt) -> float:
    """Seconds until the next try; drawn at random, or all that failed together would return together."""
    if last.is_about_pace:
        return last.retry_after_s or 0.0
    if interface.kind not in _READS:
        return random.uniform(*_PAUSE_S)  # noqa: S311  (spreads load, keeps no secret)
    longest = _READ_PAUSES_S[min(last.number, len(_READ_PAUSES_S)) - 1]
    return max(random.uniform(longest / 2, longest), last.retry_after_s or 0.0)  # noqa: S311  (the same)
