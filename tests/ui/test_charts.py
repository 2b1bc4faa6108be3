"""Charts: what is drawn of which values, for eyes, for ears, and for a file."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline_bridge.reports.charts import Mark, Series, bars, columns, heat, lines, nice_top, percent

VALUES = st.lists(st.none() | st.integers(0, 10**7) | st.floats(0, 1e7, allow_nan=False), min_size=1, max_size=30)
NAMES = st.text(st.characters(exclude_categories=("C",)), max_size=20)


def drawn(chart: str) -> ET.Element:
    return ET.fromstring(chart)  # noqa: S314  (our own)


@given(NAMES, VALUES, st.sampled_from([lines, columns, bars]))
def test_a_chart_is_well_formed_within_its_edges_and_says_its_values(
    name: str, values: list[float], draw: object
) -> None:
    chart = drawn(draw(name, [f"第{n}类" for n in range(len(values))], [Series(name, values)]))  # type: ignore[operator]
    _, _, width, height = map(float, chart.attrib["viewBox"].split())
    for box in chart.iter("rect"):
        assert 0 <= float(box.get("x", 0)) <= float(box.get("x", 0)) + float(box.get("width", 0)) <= width
        assert 0 <= float(box.get("y", 0)) <= float(box.get("y", 0)) + float(box.get("height", 0)) <= height + 0.1
    assert chart.get("role") == "img"
    assert str(chart.get("aria-label")).startswith(name.rstrip("。"))


@pytest.mark.parametrize("draw", [lines, columns, bars])
def test_nothing_to_draw_is_an_empty_chart(draw: object) -> None:
    assert drawn(draw("无数据", [], [])).tag == "svg"  # type: ignore[operator]
    assert drawn(draw("无数据", ["一"], [Series("甲", [None])])).tag == "svg"  # type: ignore[operator]


def test_a_line_has_a_gap_where_a_value_is_missing_and_a_dot_where_one_stands_alone() -> None:
    chart = drawn(lines("线", list("abcdef"), [Series("甲", [1, None, 2, 2, None, 3])]))
    [path] = [path.get("d", "") for path in chart.iter("path") if path.get("fill") == "none"]
    assert path.count("M") == path.count("h0") == 3
    assert path.count("L") == 1
    assert len(list(chart.iter("circle"))) == 2
    assert "b：甲 无" in [title.text for title in chart.iter("title")]


def test_lines_differ_by_more_than_colour_and_have_names() -> None:
    chart = drawn(lines("线", ["a"], [Series(name, [1]) for name in "甲乙丙"], marks=[Mark(0, "#fff", "!")]))
    assert len({path.get("stroke-dasharray") for path in chart.iter("path") if path.get("fill") == "none"}) == 3
    assert {"甲", "乙", "丙", "!"} <= {text.text for text in chart.iter("text")}


def test_the_darkest_cell_is_the_highest_and_an_unknown_one_is_empty() -> None:
    chart = drawn(heat("热", ["周一"], ["0", "1", "2"], [[0, None, 5]]))
    assert [box.get("fill") for box in chart.iter("rect")] == ["#eef3f9", "#12406f"]
    assert [title.text for title in chart.iter("title")] == ["周一 0：0", "周一 2：5"]


def test_a_file_can_be_opened_by_itself() -> None:
    assert lines("线", [], []).as_file().startswith('<svg xmlns="http://www.w3.org/2000/svg"')


@given(st.integers(0, 10**9))
def test_the_top_of_counts_is_a_round_number_not_far_above_and_its_half_is_whole(most: int) -> None:
    top = nice_top(most, whole=True)
    assert top >= most
    assert (top / 2).is_integer()
    assert top <= max(4, most * 1.34 + 1)


@pytest.mark.parametrize("most", [5e-324, 2.1e-308, 1.9e-10, 1.9e-9, 1.9e-8])
def test_the_least_of_values_stays_within_the_axis(most: float) -> None:
    assert nice_top(most, whole=False) >= most


def test_shares_are_written_as_percent() -> None:
    assert [percent(value) for value in (0, 0.985, 1)] == ["0%", "98.5%", "100%"]
