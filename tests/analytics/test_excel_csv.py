"""Marks before what Excel would misread are, byte for byte, those that PostgreSQL sets when asked cell by cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hotline_bridge.analytics.excel_csv import for_excel
from tests.analytics.test_export import ODD_TEXTS
from tests.examples import examples

if TYPE_CHECKING:
    from psycopg import Connection

CELL_BY_CELL = r"""
CASE
    WHEN ascii({0}) BETWEEN 65 AND 65278 THEN {0}
    WHEN ascii({0}) BETWEEN 48 AND 57
        THEN CASE WHEN {0} ~ '^(0\d|\d{{12,}}|\d+[-/:.eE年月]\d)' THEN E'\t' ELSE '' END || {0}
    WHEN {0} ~ '^\s*[-=+@＝＋－＠]|^[\t\r\n]' THEN '''' || {0}
    WHEN {0} ~ '^\s+\d' THEN E'\t' || {0}
    ELSE {0}
END
"""
EDGES = [
    *ODD_TEXTS,
    *("0", "01", "0,1", '0"1', "12345678901", "123456789012", "3月5", "2年1", "1年x", "年1", "1-x", "1:0", "1e9", "1."),
    *(
        "\n",
        "\n=1",
        "\r",
        " 5",
        " \t5",
        "\v-1",
        "\f@",
        " ＋",
        "＠",
        "－",
        "Ａ",
        "\ufeff=",
        '"=1',
        ",=1",
        ",",
        "\\.",
        "𝟙1",
    ),
]
ROWS = "FROM unnest(%s::text [], %s::text []) WITH ORDINALITY AS v (a, b, n)"
parts = st.sampled_from(
    [*"0159=+-@＝＋－＠ \t\r\n\v\f\"',.:/eEA年月中張𠮷𝟙\u0001\ufeffＡ", "01", "123456789012", "20260131", "\\."]
)
cells = st.none() | st.lists(parts, max_size=5).map("".join) | st.sampled_from(EDGES)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(cells, cells), min_size=1, max_size=30), block_bytes=st.sampled_from([1, 60, 10_000]))
@example(rows=[(text, text) for text in EDGES], block_bytes=300)
def test_marks_are_those_of_a_rule_asked_cell_by_cell(
    local: Connection, rows: list[tuple[str | None, str | None]], block_bytes: int
) -> None:
    columns = [list(column) for column in zip(*rows, strict=True)]

    def copied(selected: str) -> list[bytes]:
        with local.cursor().copy(f"COPY (SELECT {selected} {ROWS}) TO STDOUT (FORMAT csv)".encode(), columns) as found:
            return [bytes(row) for row in found]

    a, b = CELL_BY_CELL.format("a"), CELL_BY_CELL.format("b")
    # A number stays as it is, below zero too; NULL and an empty text may stand alone in a row.
    for plain, marked, is_text in (
        ("a, 0 - n, b", f"{a}, 0 - n, {b}", [True, False, True]),
        ("b, a", f"b, {a}", [False, True]),
        ("a", a, [True]),
    ):
        blocks = list(for_excel(copied(plain), is_text, block_bytes))
        assert b"".join(block for _, block in blocks) == b"".join(copied(marked))
        assert sum(count for count, _ in blocks) == len(rows)
