"""Charts as SVG (图): lines, columns, bars and heat maps, without script, style sheet or anything from elsewhere.

One text serves a report's page, a page of docs and a notebook. Everything drawn has a tooltip; whoever cannot see it
hears title and description, and finds the numbers in the table that belongs below each chart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from math import ceil, floor, log10
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

COLOURS = ("#1a4f8f", "#c2571a", "#2e7d4f", "#8a4b9e", "#b3394a", "#6b6420")
DASHES = ("", "7 4", "2 4", "10 4 2 4")
"""Lines differ by more than their colour."""

_WIDTH, _HEIGHT = 900, 250
_EDGE, _GAP = 16, 8
_LINE = 22
"""Height of a line of text, and of a bar with its gap."""
_FONT = '"Noto Sans CJK SC","Source Han Sans SC","PingFang SC","Microsoft YaHei","WenQuanYi Micro Hei",sans-serif'
_INK, _SOFT, _GRID = "#1d2733", "#5b6876", "#dfe4ea"
_PALE, _DARK = (0xEE, 0xF3, 0xF9), (0x12, 0x40, 0x6F)
_LONGEST_NAME = 260
_TOPS = (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10)
_WHOLE_TOPS = (2, 4, 6, 8, 10)
_LEAST = 1e-9
"""Less than this is drawn as nothing."""


def number(value: float) -> str:
    """With thousands set apart; one decimal where it is not whole."""
    return f"{value:,.0f}" if value == round(value) else f"{value:,.1f}"


def percent(value: float) -> str:
    """Of a share from 0 to 1."""
    return f"{value:.1%}".replace(".0%", "%")


class Chart(str):
    """An `<svg>` element as text. Templates take it as it is, and notebooks draw it."""

    __slots__ = ()

    def __html__(self) -> str:
        """For templates: escaped already."""
        return str(self)

    def _repr_svg_(self) -> str:
        return self.as_file()

    def as_file(self) -> str:
        """The text of an SVG file, on white."""
        return str(self).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" style="background:#fff" ', 1) + "\n"


@dataclass(frozen=True, slots=True)
class Series:
    """One value a label; None where there is none. A colour left empty is given by place."""

    name: str
    values: Sequence[float | None]
    colour: str = ""
    dash: str = ""
    width: float = 2


@dataclass(frozen=True, slots=True)
class Mark:
    """A strip behind one label, with a sign above it."""

    place: int
    fill: str
    sign: str
    ink: str = _SOFT


def lines(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    description: str = "",
    shown: Callable[[float], str] = number,
    marks: Sequence[Mark] = (),
    told: Sequence[str] = (),
) -> Chart:
    """A line for each series over labels in their order; a missing value is a gap, and one alone a dot.

    Args:
        title: What is shown.
        labels: Of the places from left to right, such as days.
        series: Each with one value a label.
        description: What is to be seen, for whoever cannot.
        shown: How a value is written.
        marks: Strips behind single labels.
        told: The tooltip of each label; by default its values.
    """
    drawing, field = _upright(title, description, labels, series, shown)
    for mark in marks:
        x, width = field.strip(mark.place)
        _add(drawing, "rect", x=x, y=field.top, width=width, height=field.bottom - field.top, fill=mark.fill)
        _text(drawing, mark.sign, x + width / 2, field.top - 6, anchor="middle", fill=mark.ink, weight="700")
    for one in _styled(series):
        points = [None if v is None else (field.middle(n), field.y(v)) for n, v in enumerate(one.values)]
        line = _add(drawing, "path", d=_path(points), fill="none", stroke=one.colour)
        line.attrib |= {"stroke-width": f"{one.width:g}", "stroke-linejoin": "round", "stroke-linecap": "round"}
        if one.dash:
            line.set("stroke-dasharray", one.dash)
        for before, point, after in zip([None, *points], points, [*points[1:], None], strict=False):
            if point and not before and not after:
                _add(drawing, "circle", cx=point[0], cy=point[1], r=max(3.5, one.width / 2), fill=one.colour)
    for place, text in enumerate(told or _told(labels, series, shown)):
        x, width = field.strip(place)
        slot = _add(drawing, "rect", x=x, y=field.top, width=width, height=field.bottom - field.top)
        slot.set("fill", "transparent")
        _add(slot, "title").text = text
    return _written(drawing)


def columns(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    description: str = "",
    shown: Callable[[float], str] = number,
) -> Chart:
    """Columns side by side over labels in their order, such as classes of a histogram. Arguments as of `lines`."""
    drawing, field = _upright(title, description, labels, series, shown, solid=True)
    drawn = list(_styled(series))
    told = _told(labels, series, shown)
    for place in range(len(labels)):
        x, width = field.strip(place)
        breadth = width * 0.76 / max(1, len(drawn))
        for order, one in enumerate(drawn):
            if (value := one.values[place]) is not None:
                top = field.y(value)
                left = x + width * 0.12 + order * breadth
                column = _add(drawing, "rect", x=left, y=top, width=breadth, height=field.bottom - top)
                column.set("fill", one.colour)
                _add(column, "title").text = told[place]
    return _written(drawing)


def bars(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    description: str = "",
    shown: Callable[[float], str] = number,
) -> Chart:
    """Bars below each other, one for each label and series, with its value behind it. Arguments as of `lines`."""
    drawn = list(_styled(series))
    head = _legend_height(series) + _GAP
    left = _EDGE + min(_LONGEST_NAME, max((_width(label) for label in labels), default=0)) + _GAP
    right = _WIDTH - _EDGE - max((_width(shown(v)) for one in series for v in one.values if v is not None), default=0)
    height = head + len(labels) * (len(drawn) * (_LINE - 4) + 10) + _GAP
    drawing = _drawing(title, description, height)
    _legend(drawing, drawn, solid=True)
    most = max((v for one in series for v in one.values if v is not None), default=0)
    y = float(head)
    for place, label in enumerate(labels):
        middle = y + len(drawn) * (_LINE - 4) / 2
        _text(drawing, _cut(label, _LONGEST_NAME), left - _GAP, middle + 5, anchor="end", fill=_INK)
        for one in drawn:
            value = one.values[place]
            width = 0.0 if not value else (right - left - _GAP) * value / most
            if width:
                bar = _add(drawing, "rect", x=left, y=y + 1, width=width, height=_LINE - 6, fill=one.colour)
                _add(bar, "title").text = f"{label}，{one.name} {shown(value or 0)}"
            _text(drawing, "—" if value is None else shown(value), left + width + 6, y + 13)
            y += _LINE - 4
        y += 10
    return _written(drawing)


def heat(
    title: str,
    rows: Sequence[str],
    labels: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    description: str = "",
    shown: Callable[[float], str] = number,
) -> Chart:
    """A field of cells, the darker the higher.

    Args:
        title: What is shown.
        rows: Names of the rows.
        labels: Names of the columns.
        values: By row, one value a column; None is an empty cell.
        description: What is to be seen, for whoever cannot.
        shown: How a value is written.
    """
    left = _EDGE + max((_width(row) for row in rows), default=0) + _GAP
    cell, tall = (_WIDTH - _EDGE - left) / max(1, len(labels)), 30
    drawing = _drawing(title, description, _LINE + tall * len(rows) + _EDGE)
    known = [value for row in values for value in row if value is not None]
    most = max(known, default=0)
    room = max((_width(shown(value), small=True) for value in known), default=0) + 4 <= cell
    for place, label in enumerate(labels):
        _text(drawing, label, left + (place + 0.5) * cell, 15, anchor="middle")
    for row, name in enumerate(rows):
        y = _LINE + row * tall
        _text(drawing, name, left - _GAP, y + tall / 2 + 5, anchor="end", fill=_INK)
        for place, value in enumerate(values[row]):
            if value is None:
                continue
            share = value / most if most else 0.0
            fill = "#" + "".join(
                f"{round(pale + share * (dark - pale)):02x}" for pale, dark in zip(_PALE, _DARK, strict=True)
            )
            x = left + place * cell
            box = _add(drawing, "rect", x=x, y=y, width=cell - 1, height=tall - 1, fill=fill)
            _add(box, "title").text = f"{name} {labels[place]}：{shown(value)}"
            if room:
                ink = "#ffffff" if share > 0.5 else _INK
                _text(drawing, shown(value), x + cell / 2, y + tall / 2 + 4, anchor="middle", fill=ink, size=11)
    return _written(drawing)


def nice_top(most: float, *, whole: bool) -> float:
    """The end of an axis: a round number, not below `most` and not far above, whose half is round too.

    Args:
        most: The greatest value.
        whole: Whether half of it must be whole, as for counts.
    """
    if most < _LEAST:
        return 2 if whole else 1
    unit: float = 10 ** floor(log10(most))
    tops = _WHOLE_TOPS if whole and unit <= 1 else _TOPS
    return next(
        top for step in (1, 10) for top in (m * max(unit, whole) * step for m in tops) if top >= most * (1 - 1e-12)
    )


@dataclass(frozen=True, slots=True)
class _Field:
    """Where the values of an upright chart lie."""

    left: float
    right: float
    top: float
    bottom: float
    places: int
    most: float

    def strip(self, place: int) -> tuple[float, float]:
        width = (self.right - self.left) / max(1, self.places)
        return self.left + place * width, width

    def middle(self, place: int) -> float:
        x, width = self.strip(place)
        return x + width / 2

    def y(self, value: float) -> float:
        return self.bottom - value / self.most * (self.bottom - self.top)


def _upright(
    title: str,
    description: str,
    labels: Sequence[str],
    series: Sequence[Series],
    shown: Callable[[float], str],
    *,
    solid: bool = False,
) -> tuple[ET.Element, _Field]:
    """The drawing with its legend and axes, and where values go."""
    known = [value for one in series for value in one.values if value is not None]
    most = nice_top(max(known, default=0), whole=all(value == int(value) for value in known))
    ticks = [0, most / 2, most]
    head = _legend_height(series) + _LINE
    left = _EDGE + max(_width(shown(tick)) for tick in ticks) + _GAP
    field = _Field(left, _WIDTH - _EDGE, head, head + _HEIGHT - 52, len(labels), most)
    drawing = _drawing(title, description, field.bottom + 30)
    _legend(drawing, list(_styled(series)), solid=solid)
    for tick in ticks:
        y = field.y(tick)
        _add(drawing, "path", d=f"M{_short(field.left)} {_short(y)}H{_short(field.right)}", stroke=_GRID)
        _text(drawing, shown(tick), field.left - _GAP, y + 4, anchor="end")
    room = (field.right - field.left) / (max((_width(label) for label in labels), default=0) + 14)
    every = max(1, ceil(len(labels) / max(1, floor(room))))
    for place, label in enumerate(labels):
        if place % every == 0:
            _text(drawing, label, field.middle(place), field.bottom + 20, anchor="middle")
    return drawing, field


def _styled(series: Sequence[Series]) -> Iterator[Series]:
    """The series with a colour and a dash each."""
    for one, colour, dash in zip(series, cycle(COLOURS), cycle(DASHES), strict=False):
        yield one if one.colour else Series(one.name, one.values, colour, dash, one.width)


def _told(labels: Sequence[str], series: Sequence[Series], shown: Callable[[float], str]) -> list[str]:
    def values(place: int) -> str:
        found = ((one.name, one.values[place]) for one in series)
        return "，".join(f"{name} {'无' if value is None else shown(value)}" for name, value in found)

    return [f"{label}：{values(place)}" for place, label in enumerate(labels)]


def _path(points: Sequence[tuple[float, float] | None]) -> str:
    """Drawn through all points; a point alone is a dot by its round end."""
    parts, is_drawing = [], False
    for point in points:
        if point is not None:
            place = f"{_short(point[0])} {_short(point[1])}"
            parts.append(f"L{place}" if is_drawing else f"M{place}h0")
        is_drawing = point is not None
    return "".join(parts)


def _drawing(title: str, description: str, height: float) -> ET.Element:
    told = "。".join(part.rstrip("。") for part in (title, description) if part)
    size = {"viewBox": f"0 0 {_WIDTH} {_short(height)}", "role": "img", "aria-label": told}
    return ET.Element("svg", {**size, "font-family": _FONT, "font-size": "13", "fill": _SOFT})


def _legend(drawing: ET.Element, series: Sequence[Series], *, solid: bool) -> None:
    """A sample, of a line or of a solid bar, and a name for each series, in lines as wide as the drawing."""
    if len(series) < 2:
        return
    for one, (x, y) in zip(series, _legend_places(series), strict=True):
        sample = _add(drawing, "path", d=f"M{_short(x)} {y}h24", stroke=one.colour)
        sample.set("stroke-width", "12" if solid else f"{max(3, one.width):g}")
        if one.dash and not solid:
            sample.set("stroke-dasharray", one.dash)
        _text(drawing, one.name, x + 30, y + 5, fill=_INK)


def _legend_places(series: Sequence[Series]) -> Iterator[tuple[float, int]]:
    x, y = float(_EDGE), 14
    for one in series:
        width = 30 + _width(one.name) + 24
        if x + width > _WIDTH and x > _EDGE:
            x, y = float(_EDGE), y + _LINE
        yield x, y
        x += width


def _legend_height(series: Sequence[Series]) -> int:
    return max(y for _, y in _legend_places(series)) + _LINE - 8 if len(series) > 1 else _GAP


def _add(parent: ET.Element, tag: str, **attributes: str | float) -> ET.Element:
    written = {name: _short(v) if isinstance(v, int | float) else v for name, v in attributes.items()}
    return ET.SubElement(parent, tag, written)


def _text(
    parent: ET.Element,
    text: str,
    x: float,
    y: float,
    *,
    anchor: str = "",
    fill: str = "",
    weight: str = "",
    size: int = 0,
) -> None:
    made = _add(parent, "text", x=x, y=y)
    made.text = text
    said = {"text-anchor": anchor, "fill": fill, "font-weight": weight, "font-size": f"{size or ''}"}
    made.attrib |= {name: value for name, value in said.items() if value}


def _width(text: str, *, small: bool = False) -> float:
    """About how wide a text is: a Chinese character is a square, a Latin letter about half of one."""
    return sum(1.0 if ord(letter) > 0x2E7F else 0.58 for letter in text) * (11 if small else 13)


def _cut(text: str, width: float) -> str:
    if _width(text) <= width:
        return text
    return next(f"{text[:end]}…" for end in range(len(text) - 1, -1, -1) if _width(f"{text[:end]}…") <= width)


def _short(value: float) -> str:
    return f"{round(value, 1):g}"


def _written(drawing: ET.Element) -> Chart:
    return Chart(ET.tostring(drawing, encoding="unicode"))
