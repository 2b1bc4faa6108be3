"""One error class per recovery: whoever catches one knows what to do next without reading its text.

A message names the interface, the key and the remedy. It never holds a body, a token or personal data: it may be
logged. The classes are named after what to do, hence without the suffix Error.
"""

from __future__ import annotations


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
