"""The pages by file, and the invented city that they are about."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg.conninfo import conninfo_to_dict

from development.analysts import dictionary
from development.analysts.answers import answers
from development.analysts.notebook import notebook
from development.pages.markdown import ANSWERED, fill
from hotline_bridge.analytics.rollups import refresh
from hotline_bridge.store.database import connect
from hotline_bridge.store.migrate import migrate_local
from hotline_bridge.time_limits.load import load_reference
from hotline_sandbox.demo.postgres import throwaway_postgres
from hotline_sandbox.sample.years import Years, fill_years

if TYPE_CHECKING:
    from collections.abc import Iterator

CITY = Years(calls=12_000, orders=2_000, begin=date(2025, 2, 1), end=date(2026, 4, 1), named=True)
PAGES = tuple(Path("docs") / name for name in ("dictionary.md", "dictionary.zh-CN.md", "questions.md", "tables.md"))
NOTEBOOK = Path("docs/questions.ipynb")
_VARIABLES = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}  # nosec B105  (a name)
_AS_ANALYST = "-c role=hotline_analyst"


def fill_city(local: str) -> None:
    """Put the invented city into an empty local store that is up to date, and compute what is computed ahead."""
    fill_years(local, CITY)
    with connect(local) as session:
        refresh(session)


def pages(project: Path, local: str) -> dict[Path, str]:
    """What the files should hold, by their paths below the project.

    Args:
        project: The project's folder, for the words around what is written.
        local: libpq connection string of a store filled by `fill_city`; its account may become the analyst.
    """
    with connect(local) as session:
        parts = {name: part() for name, part in dictionary.parts(session).items()}
    with as_analyst(local):
        parts["questions"], charts = answers()
        book = notebook()
    written = {name: partial(str, part) for name, part in parts.items()}
    texts = {page: fill((project / page).read_text(encoding="utf-8"), written, ANSWERED) for page in PAGES}
    return {**texts, **charts, NOTEBOOK: book}


@contextmanager
def as_analyst(local: str) -> Iterator[None]:
    """The environment variables of libpq, for a session with the rights of analysts alone."""
    parts = conninfo_to_dict(local)
    wanted = {name: str(parts[part]) for part, name in _VARIABLES.items() if parts.get(part)}
    before = {name: os.environ.get(name) for name in (*_VARIABLES.values(), "PGOPTIONS")}
    os.environ.update(wanted, PGOPTIONS=_AS_ANALYST)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


def write_analysts_pages(project: Path) -> list[Path]:
    """Write the files, on a PostgreSQL that is gone afterwards. Returns those that changed."""
    with throwaway_postgres() as server:
        server.create_database("local")
        local = server.conninfo("local")
        migrate_local(local)
        load_reference(local)
        fill_city(local)
        made = pages(project, local)
    changed = {project / path: text for path, text in made.items() if not _holds(project / path, text)}
    for path, text in changed.items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(changed)


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
