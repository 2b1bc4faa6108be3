"""Tries of queries, drains and acknowledgements in the interaction log (交互日志, specification 4.3)."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

from hotline_bridge.store.sql import read_sql

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hotline_bridge.platform_client.answers import Attempt
    from hotline_bridge.store.database import AnySession


async def log_tries(local: AnySession, key: str, body: bytes, tries: Sequence[Attempt]) -> None:
    """Write the tries of one call.

    Args:
        local: Session on the local store.
        key: What was asked: the window as `BEGIN-END`, or the order's number; empty for a drain.
        body: The request; only its hash is kept.
        tries: From `PlatformClient.deliver`.
    """
    rows = [
        {
            "started_at": tried.started_at.isoformat(),
            "interface": tried.interface,
            "key": key,
            "attempt": tried.number,
            "outcome": tried.outcome.value,
            "http_status": tried.http_status,
            "code": tried.code,
            "message": tried.message,
            "elapsed_ms": tried.elapsed_ms,
            "body_sha256": rf"\x{sha256(body).hexdigest()}",
        }
        for tried in tries
    ]
    await local.execute(read_sql("inbound/log_tries.sql"), {"tries": json.dumps(rows)})
