"""A row of an answer that the store refuses goes to quarantine; the rest of its answer is stored.

See architecture: a bad row stops no other.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from tests.inbound.inbound_bridge import COMPLAINTS, order, shown

if TYPE_CHECKING:
    from tests.inbound.inbound_bridge import Inbound

TEXT = "".join(
    chr(0x4E00 + int.from_bytes(sha256(bytes([at // 256, at % 256])).digest()[:2]) % 20_000) for at in range(1_200)
)
"""Chinese that does not compress: 3,600 bytes, more than an entry of an index can hold."""


def test_an_index_of_a_dba_holds_up_one_row_of_an_answer(inbound: Inbound) -> None:
    inbound.local("CREATE INDEX own ON hotline.complaint_case (applcontent)")
    world = inbound.sandbox.world
    for number in range(8):
        world.put(order(f"R{number}", 3600, shown(COMPLAINTS, applcontent=TEXT if number == 5 else "短")))
    done = inbound.one()
    assert (done.rows, done.added, done.quarantined, done.failed) == (8, 7, 1, 0)
    assert inbound.local("SELECT key, reasons, state FROM hotline.quarantined_answer") == [
        ("R5", ["row:refused"], "open")
    ]
    inbound.again()
    assert (inbound.one().added, inbound.local("SELECT count(*) FROM hotline.quarantined_answer")) == (0, [(1,)])
    inbound.local("DROP INDEX hotline.own")
    inbound.again()
    assert inbound.one().added == 1
    assert inbound.local("SELECT state FROM hotline.quarantined_answer") == [("replaced",)]
