"""Ports, passwords and keys of `make up`: made once, kept in files that only their owner reads."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = "127.0.0.1"
USER = "admin"


@dataclass(frozen=True, slots=True)
class Keys:
    """What Airflow signs and encrypts with: kept, so that a restart logs nobody out."""

    jwt: str = field(repr=False)
    api: str = field(repr=False)
    fernet: str = field(repr=False)


def pinned_keys(file: Path) -> Keys:
    """The keys in this file; made when there is none."""
    fernet = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    made = Keys(jwt=secrets.token_urlsafe(48), api=secrets.token_urlsafe(32), fernet=fernet)
    return Keys(**_pin(file, asdict(made)))


def pinned_password(file: Path) -> str:
    """The password of `USER` in this file, which Airflow's SimpleAuthManager reads too; made when there is none."""
    return _pin(file, {USER: secrets.token_urlsafe(9)})[USER]


def _pin(file: Path, made: dict[str, str]) -> dict[str, str]:
    if not file.exists():
        unfinished = file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
            json.dump(made, out)
        unfinished.rename(file)
    return cast("dict[str, str]", json.loads(file.read_text(encoding="utf-8")))


def free_port(wanted: int) -> int:
    """The wanted port of the loopback address, or any that is free where it is taken (or 0)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a closed connection does not keep a port taken
        try:
            probe.bind((LOOPBACK, wanted))
        except OSError:
            probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
