"""The notebook of questions: JSON as Jupyter opens it (nbformat 4.5), with the outputs of its cells.

The cells are run here as Jupyter would run them, so that no kernel is needed; a test does the same and compares.
"""

from __future__ import annotations

import ast
import inspect
import json
from typing import TYPE_CHECKING, Any

from hotline_bridge.analytics import frames
from hotline_bridge.analytics.questions import questions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hotline_bridge.analytics.questions import Question

_INTRODUCTION = """\
# 问题与回答

由 `make docs` 生成，请勿手工修改。表与图来自虚构的城市；连接自己的本地库后重新运行即可。
只用 `analytics` 的视图，账号 `hotline_analyst` 足够。

连接取自 PostgreSQL 的环境变量：`PGHOST`、`PGPORT`、`PGDATABASE`、`PGUSER`，口令放在 `PGPASSFILE` 所指的文件。
"""
_CONNECTION = """\
import pandas as pd
import sqlalchemy as sa

from hotline_bridge.analytics.questions import draw

engine = sa.create_engine("postgresql+psycopg://")


def ask(query: str) -> pd.DataFrame:
    with engine.connect() as connection:
        return pd.read_sql(sa.text(query), connection, parse_dates=["day"])
"""

_IMPORTED = "import pandas as pd  # type: ignore[import-untyped]  # pandas ships no types\n\n"
"""Above it stands what a notebook has no use for."""

Cell = dict[str, Any]


def notebook() -> str:
    """The notebook as text, its cells run on the store that the environment variables of libpq name."""
    cells = list(_cells())
    run(cells)
    about = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    content = {"cells": cells, "metadata": about, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def run(cells: list[Cell]) -> None:
    """Run the code of a notebook in order, and put what each cell shows below it."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate((cell for cell in cells if cell["cell_type"] == "code"), start=1):
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop()
        rest = [] if isinstance(last, ast.Expr) else [last]
        exec(compile(ast.Module([*tree.body, *rest], []), cell["id"], "exec"), scope)  # noqa: S102  (our own cells)
        shown = None
        if isinstance(last, ast.Expr):
            shown = eval(compile(ast.Expression(last.value), cell["id"], "eval"), scope)  # noqa: S307  (the same)
        cell["execution_count"] = number
        cell["outputs"] = [] if shown is None else [_output(shown, number)]


def _output(shown: Any, number: int) -> Cell:  # noqa: ANN401  (whatever a cell shows)
    ways = {"image/svg+xml": "_repr_svg_", "text/html": "_repr_html_"}
    data = {kind: _lines(getattr(shown, way)()) for kind, way in ways.items() if hasattr(shown, way)}
    if not data:
        data = {"text/plain": _lines(repr(shown))}
    return {"output_type": "execute_result", "execution_count": number, "data": data, "metadata": {}}


def _cells() -> Iterator[Cell]:
    yield _markdown("about", _INTRODUCTION)
    yield _code("connection", _CONNECTION)
    yield _code("frames", inspect.getsource(frames).partition(_IMPORTED)[2])
    for question in questions():
        yield _markdown(f"{question.name}-text", f"## {question.title}\n\n{question.text}\n")
        yield _code(f"{question.name}-ask", _asking(question))
        yield _code(f"{question.name}-draw", _drawing(question))
        yield _code(f"{question.name}-table", "table")


def _asking(question: Question) -> str:
    asked = f'table = ask("""\n{question.statement}\n""")'
    return f"{asked}\ntable = {question.frame}(table)" if question.frame else asked


def _drawing(question: Question) -> str:
    named = [question.columns.get(name, name) for name in question.series]
    options = {
        "labels": [question.columns[name] for name in question.labels],
        "series": named,
        "shown": "" if question.shown == "number" else question.shown,
    }
    said = "".join(f", {name}={value!r}" for name, value in options.items() if value)
    return (
        f"table = table.rename(columns={question.columns!r})\ndraw(table, {question.chart!r}, {question.title!r}{said})"
    )


def _markdown(name: str, text: str) -> Cell:
    return {"cell_type": "markdown", "id": name.replace("_", "-"), "metadata": {}, "source": _lines(text)}


def _code(name: str, text: str) -> Cell:
    made: Cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": name.replace("_", "-"),
        "metadata": {},
        "outputs": [],
    }
    return {**made, "source": _lines(text.strip("\n"))}


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)
