"""What a sandbox is started with."""

from __future__ import annotations

from pathlib import Path  # at run time: pydantic reads the annotations
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

DEFAULT_APP_ID = "sandbox"
DEFAULT_TOKEN = "sandbox-token"  # noqa: S105  (public on purpose: it opens a sandbox and nothing else)
TOKEN_VARIABLE = "HOTLINE_SANDBOX_TOKEN"  # noqa: S105  (the name of a variable)

_HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
_IDENTITY = r"^[!-%'-~]+$"  # printable ASCII without blank and without "&", which separates the parts of the header


class SandboxSettings(BaseModel):
    """Settings of one sandbox; immutable, and an unknown name is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    """0 lets the operating system choose; the line printed at the start names the port."""
    app_id: Annotated[str, Field(pattern=_IDENTITY)] = DEFAULT_APP_ID
    token: SecretStr = SecretStr(DEFAULT_TOKEN)
    auth_header: Annotated[str, Field(pattern=_HEADER_NAME)] = "Authorization"
    """Name of the header that carries AppId&Token&MD5; not specified (protocol: open questions)."""
    seed: int = 0
    """The same seed and the same order of calls give the same faults."""
    latency_ms: Annotated[float, Field(ge=0)] = 0.0
    """Added to every answer of the platform, not to the control API."""
    on_repeat: Literal["accept", "refuse"] = "accept"
    """What a report with a key that is stored already gets: stored again as an update, or refused with code 1003."""
    max_body_bytes: Annotated[int, Field(gt=0)] = 4 * 1024 * 1024

    world: Path | None = None
    """A world file (`hotline sample --world`) to begin with; None is a world without orders."""
    row_order: Literal["registration", "reverse", "random"] = "registration"
    """In which order an answer gives its rows, and from which end of them a full one is cut; drains: by appearance."""
    window_end: Literal["inclusive", "exclusive"] = "inclusive"
    """Whether the end of a window belongs to it; the specification does not say."""
    empty: Literal["list", "null"] = "list"
    """What `data` is where there are no rows; the specification does not say."""
    registime: Literal["minutes", "seconds"] = "minutes"
    """How moments stand in fields of 16 characters: cut to minutes, or whole and so longer than printed."""
    most_acknowledged: Annotated[int, Field(ge=0)] = 0
    """How many numbers one acknowledgement may carry; 0 is any number."""

    @field_validator("token")
    @classmethod
    def _token_is_an_identity(cls, token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if not (text and text.isascii() and text.isprintable()) or {" ", "&"} & set(text):
            raise ValueError("the token must be printable ASCII without blanks and without &")
        return token
