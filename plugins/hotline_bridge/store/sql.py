"""Reads the plain SQL files of `include/sql`: every statement longer than a line lives there, not in Python."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from psycopg import sql

from hotline_bridge.errors import StopRun


def sql_folder() -> Path:
    """The folder of SQL files: the environment variable HOTLINE_SQL, else `include/sql` beside the package's parents.

    Raises:
        StopRun: There is no such folder.
    """
    return _folder(os.environ.get("HOTLINE_SQL"))


@cache
def _folder(named: str | None) -> Path:
    beside = (parent / "include" / "sql" for parent in Path(__file__).resolve().parents)
    candidates = [Path(named)] if named else list(beside)
    for folder in candidates:
        if folder.is_dir():
            return folder
    raise StopRun(
        f"the folder of SQL files {candidates[0]} is missing" if named else "the folder include/sql is missing",
        remedy="keep the project's include/ beside plugins/, or set HOTLINE_SQL to the folder",
    )


def read_sql(file: str, name: str | None = None) -> sql.SQL:
    """A statement of `include/sql/<file>`, as psycopg executes it or formats names into it; read once a process.

    Args:
        file: Path below the folder, with forward slashes, such as `outbound/delivery_queue.sql`.
        name: Which one, where the file holds several: each stands below a line `-- name: claim`.

    Raises:
        StopRun: The folder or the file is missing.
    """
    return _statements(os.environ.get("HOTLINE_SQL"), file)[name]


def sql_text(name: str) -> str:
    """The text of the same file, for what is no single statement. Raises StopRun as `read_sql` does."""
    path = sql_folder() / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise StopRun(
            f"the SQL file {path} is missing", remedy="deploy include/ and plugins/ from one version"
        ) from error


@cache
def _statements(_folder_named: str | None, file: str) -> dict[str | None, sql.SQL]:
    first, *named = re.split(r"^-- name: (\w+)\n", sql_text(file), flags=re.MULTILINE)
    texts = {None: first, **dict(zip(named[::2], named[1::2], strict=True))}
    return {name: sql.SQL(text.rstrip().removesuffix(";")) for name, text in texts.items()}
