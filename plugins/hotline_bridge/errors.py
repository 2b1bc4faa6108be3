"""One error class per recovery: whoever catches one knows what to do next without reading its text.

A message names the interface, the key and the remedy. It never holds a body, a token or personal data: it may be
logged. The classes are named after what to do, hence without the suffix Error.
"""

from __future__ import annotations

import logging
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType


log = logging.getLogger(__name__)

_MOST_TOLD = 12


class HotlineError(Exception):
    """Base of all errors that this package raises on purpose.

    Args:
        what: What happened, in one clause, without a value of a record.
        interface: Wire name of the interface, where there is one.
        key: Key of the record (callid, regino, ...), where there is one.
        remedy: What to do about it.
    """

    def __init__(
        self, what: str, *, interface: str | None = None, key: str | None = None, remedy: str | None = None
    ) -> None:
        subject = " ".join(part for part in (interface, key) if part)
        text = f"{subject}: {what}" if subject else what
        super().__init__(f"{text}; {remedy}" if remedy else text)
        self.interface = interface
        self.key = key
        self.remedy = remedy


class TryAgainLater(HotlineError):  # noqa: N818  (see above)
    """Temporary: nothing is wrong with the record, the queue keeps it.

    `retry_after_s` is how long the platform asked to be left alone, in seconds, or None where it did not say.
    """

    def __init__(
        self,
        what: str,
        *,
        interface: str | None = None,
        key: str | None = None,
        remedy: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what, interface=interface, key=key, remedy=remedy)
        self.retry_after_s = retry_after_s


class GivenUp(TryAgainLater):
    """Work that stood still was left behind; what it had committed stays."""


class Refused(HotlineError):  # noqa: N818  (see above)
    """The platform understood the record and said no: park it, alert, replay it when the cause is fixed."""


class StopRun(HotlineError):  # noqa: N818  (see above)
    """Authentication, configuration, a missing connection: no other record can do better. Says what to set."""


class Quarantined(HotlineError):  # noqa: N818  (see above)
    """The record breaks a printed rule, or cannot be written as JSON text: it is kept aside with the reason."""


class Session(Protocol):
    """Whatever can be closed, as a session on a database can."""

    @property
    def closed(self) -> bool:
        """Whether it is."""


class Failures:
    """What failed among things that do not depend on each other: none stops the others, all are told at the end.

    ```
    with Failures() as failures:
        for table in tables:
            with failures.apart():
                take_in(table)
    ```

    The end of the outer block, or `check`, raises the one failure there was, or one error with the words of all: a
    StopRun where any of them was one, since it needs a person, else a TryAgainLater.

    Args:
        sessions: What everything needs: once one of them is closed, nothing is kept apart any more.
        explain: Makes a HotlineError of any other exception. Without it, such an exception is a bug, and passes.
    """

    def __init__(self, *sessions: Session, explain: Callable[[Exception], HotlineError] | None = None) -> None:
        self._sessions = list(sessions)
        self._explain = explain
        self._failures: list[HotlineError] = []

    def needs(self, session: Session) -> None:
        """One more session that everything needs from here on."""
        self._sessions.append(session)

    @contextmanager
    def apart(self, what: str = "") -> Iterator[None]:
        """One of the things: what fails in it is kept for the end, and the caller goes on.

        Args:
            what: What is done, where the errors do not say so: without a value of a record.
        """
        try:
            yield
        except Exception as error:
            known = error if isinstance(error, HotlineError) else self._explain(error) if self._explain else None
            if known is None or any(session.closed for session in self._sessions):
                raise
            if what:
                # Of an unforeseen error a traceback could hold values of a row.
                log.error("%s failed: %s", what, known)  # noqa: TRY400
                known = type(known)(f"{what}: {known}")
            self.add(known)

    def add(self, failure: HotlineError) -> None:
        """Something failed, or was not reached, that nothing was raised for."""
        self._failures.append(failure)

    def check(self) -> None:
        """Raises what was collected."""
        told = list(dict.fromkeys(map(str, self._failures)))
        if len(told) == 1:
            raise self._failures[0] from None
        if told:
            needs_person = any(isinstance(failure, StopRun) for failure in self._failures)
            more = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
            raise (StopRun if needs_person else TryAgainLater)(" | ".join(told[:_MOST_TOLD] + more)) from None

    def __enter__(self) -> Self:
        """The collector itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raises what was collected, together with the HotlineError that ended the block, if one did."""
        if isinstance(raised, HotlineError):
            self.add(raised)
        elif raised is not None:
            return
        self.check()


def unforeseen(error: Exception) -> StopRun:
    """An error that nobody thought of, by its class and place alone: its own words can hold values of a record."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}" if frames else ""
    return StopRun(
        f"{type(error).__name__}{where}", remedy="run `hotline check`, and give this line to the maintainers"
    )
