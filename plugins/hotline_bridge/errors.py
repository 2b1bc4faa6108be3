"""One error class per recovery: whoever catches one knows what to do next without reading its text.

A message names the interface, the key and the remedy. It never holds a body, a token or personal data: it may be
logged. The classes are named after what to do, hence without the suffix Error.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType


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
    """The platform understood the record and said no: park it, alert, replay it when the cause is mended."""


class StopRun(HotlineError):  # noqa: N818  (see above)
    """Authentication, configuration, a missing connection: no other record can do better. Says what to set."""


class Quarantined(HotlineError):  # noqa: N818  (see above)
    """The record breaks a printed rule, or cannot be written as JSON text: it is kept aside with the reason."""


class Failures:
    """What failed among things that do not depend on each other: none stops the others, all are told at the end.

    ```
    with Failures() as failures:
        for table in tables:
            with failures.apart():
                take_in(table)
    ```

    The end of the outer block raises the one failure there was, or one error with the words of all: a StopRun where any
    of them was one, since it needs a person, else a TryAgainLater.
    """

    def __init__(self) -> None:
        self._failures: list[HotlineError] = []

    @contextmanager
    def apart(self) -> Iterator[None]:
        """One of the things: its HotlineError is kept for the end. Any other exception is a bug, and passes."""
        try:
            yield
        except HotlineError as failure:
            self._failures.append(failure)

    def __enter__(self) -> Self:
        """The collector itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raises what was collected, together with the HotlineError that ended the block, if one did."""
        if isinstance(raised, HotlineError):
            self._failures.append(raised)
        elif raised is not None:
            return
        told = list(dict.fromkeys(map(str, self._failures)))
        if len(told) == 1:
            raise self._failures[0] from None
        if told:
            needs_person = any(isinstance(failure, StopRun) for failure in self._failures)
            raise (StopRun if needs_person else TryAgainLater)(" | ".join(told)) from None
