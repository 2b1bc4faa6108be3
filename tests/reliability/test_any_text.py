"""Any text in any field, as another organisation may write it: each row ends in a state, and stops no other (F39)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline_bridge.contract.reader import contract
from tests.examples import examples
from tests.outbound.bridge import call

if TYPE_CHECKING:
    from tests.outbound.bridge import Bridge

FIELDS = [field.name for field in contract()["callinfo"].request if field.name != "callid"]
TEXTS = st.none() | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=80)
ROWS = st.lists(st.dictionaries(st.sampled_from(FIELDS), TEXTS), min_size=1, max_size=30)


@settings(max_examples=examples(8), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_any_text_in_any_field_ends_in_a_state(bridge: Bridge, rows: list[dict[str, str | None]]) -> None:
    bridge.docking("TRUNCATE docking.call_log")
    bridge.local(
        "TRUNCATE hotline.call_log, hotline.call_log_history, hotline.delivery, hotline.interaction_log CASCADE"
    )
    bridge.sandbox.reset()
    bridge.write(*(call(number, **changes) for number, changes in enumerate(rows)))
    bridge.run()
    states = bridge.states()
    assert sum(states.values()) == len(rows)
    assert set(states) <= {"delivered", "quarantined"}
    assert states.get("delivered", 0) == len(bridge.accepted())
    assert bridge.status()[0].adds_up
