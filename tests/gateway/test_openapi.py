"""The OpenAPI document says what the gateway does: Schemathesis makes calls up from it, which are signed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from requests.auth import AuthBase

from hotline_bridge.gateway.described import MOMENT
from hotline_bridge.platform_client.request import sign
from tests.examples import examples
from tests.gateway.conftest import Caller, feed_back

if TYPE_CHECKING:
    from requests import PreparedRequest

    from hotline_bridge.gateway.clients import Given

A = "44020020261201000001"
TIMES = ("beginregtime", "endregtime")
_MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2026, 1, 1)).map(lambda at: f"{at:%Y%m%d%H%M%S}")  # noqa: DTZ001
schemathesis.openapi.format(MOMENT, st.just("") | _MOMENTS)


class Signed(AuthBase):
    """Signs the bytes that are sent."""

    def __init__(self, given: Given) -> None:
        self.given = given

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        request.headers["Authorization"] = sign(self.given.app_id, self.given.token, body, datetime.now(UTC))
        return request


def test_made_up_calls_are_answered_as_the_document_says(caller: Caller, local_store: str) -> None:
    feed_back(local_store, A)
    schema = schemathesis.openapi.from_url(f"{caller.address}/openapi.json")
    operations = [operation.ok() for operation in schema.get_all_operations()]
    assert {operation.path.rpartition("/")[2] for operation in operations} == {
        "todocasefeedback",
        "callbackcasefeedback",
        "casefeedback",
    }
    signed = Signed(caller.given)
    statuses: set[int] = set()
    for operation in operations:

        def is_answered(case: Any) -> None:
            # Python's `$` lets a line break through at the end, that of JSON schemas does not.
            body = case.body if isinstance(case.body, dict) else {}
            assume(not any(isinstance(text, str) and text.endswith("\n") for text in body.values()))
            if isinstance(case.body, dict) and all(isinstance(case.body.get(name), str) for name in TIMES):
                given = sorted(case.body[name] for name in TIMES)
                case.body.update(zip(TIMES, given, strict=True))
            # Without the header that the document asks for, the call is refused, as it has to be.
            auth = signed if "Authorization" in (case.headers or {}) else None
            statuses.add(case.call_and_validate(auth=auth).status_code)

        def is_refused(case: Any) -> None:
            # A time that is null breaks no format, though it is made up to break one.
            assume(not (isinstance(case.body, dict) and any(case.body.get(name, "") is None for name in TIMES)))
            is_answered(case)

        tried = settings(max_examples=examples(100), deadline=None, suppress_health_check=[*HealthCheck])
        tried(given(operation.as_strategy())(is_answered))()
        wrong = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
        tried(given(wrong)(is_refused))()
    assert {200, 400} <= statuses
