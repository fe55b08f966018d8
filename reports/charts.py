"""Numbers into shapes: where each line, bar and cell of a chart stands, and what its table says.

Pure sums. `templates/parts/charts/` draws the result as SVG for a page or a PDF, without a script or an inline style.
Shades run from light to dark with the numbers, and lines differ in dash and marker: all of it reads in black and white.
Each chart is drawn twice, for a page and as `narrow` for a phone, where the first would be too small to read.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import TypeVar

from reports.explained import Ask
from reports.explained import Line as PrintedLine

INK, SOFT, GRID = "#16232b", "#47555e", "#d6dfe3"
BLANK = "#ffffff"
STROKES = (("#12596b", ""), ("#9a5b00", "7 4"), ("#6b3fa0", "2 3"), ("#47555e", "10 3 2 3"))
MARKERS = ("circle", "square", "diamond", "triangle")
PHONE = 300.0  # the width a phone of 320 px leaves a chart
SHADES = ("#eef4f6", "#cfe1e6", "#9fc3cd", "#5f97a6", "#12596b", "#0b2e39")


@dataclass(frozen=True)
class Table:
    """The numbers behind a chart: a heading for each column, then the rows, the first cell of each its name."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    asks: tuple[tuple[Ask | None, ...], ...] = ()  # what explains each number, in the order of the rows

    @property
    def lines(self) -> list[PrintedLine]:
        asks = self.asks or ((None,) * (len(self.head) - 1),) * len(self.rows)
        return [
            PrintedLine(row[0], list(zip(row[1:], of_row, strict=True)))
            for row, of_row in zip(self.rows, asks, strict=True)
        ]


@dataclass(frozen=True)
class Text:
    x: float
    y: float
    text: str
    fill: str = SOFT


@dataclass(frozen=True)
class Rule:
    """A horizontal line of the grid or a reference, with its word."""

    y: float
    label: Text


@dataclass(frozen=True)
class Line:
    name: str
    paths: tuple[str, ...]  # one for each unbroken run
    markers: tuple[tuple[float, float], ...]
    marker: str
    stroke: str
    dash: str
    label: Text


@dataclass(frozen=True)
class LineChart:
    id: str
    title: str
    summary: str
    width: float
    height: float
    left: float
    right: float
    bottom: float
    grid: tuple[Rule, ...]
    references: tuple[Rule, ...]
    ticks: tuple[Text, ...]
    lines: tuple[Line, ...]
    table: Table
    has_key: bool = False  # the names stand beneath, beside a piece of their line
    narrow: "LineChart | None" = None


@dataclass(frozen=True)
class Bar:
    label: Text
    x: float
    y: float
    width: float
    height: float
    value: Text
    mark: float | None  # where the comparison stands


@dataclass(frozen=True)
class BarChart:
    id: str
    title: str
    summary: str
    width: float
    height: float
    bars: tuple[Bar, ...]
    comparison: str
    legend_y: float
    left: float
    table: Table
    anchor: str = "end"  # of the labels
    narrow: "BarChart | None" = None


@dataclass(frozen=True)
class Cell:
    x: float
    y: float
    width: float
    height: float
    fill: str
    value: Text


@dataclass(frozen=True)
class CellChart:
    """A heat map, or rows of stacked bands: cells with their numbers, labels beside them, a legend beneath."""

    id: str
    title: str
    summary: str
    width: float
    height: float
    cells: tuple[Cell, ...]
    columns: tuple[Text, ...]
    rows: tuple[Text, ...]
    legend: tuple[Cell, ...]
    table: Table
    narrow: "CellChart | None" = None


Chart = TypeVar("Chart", LineChart, BarChart, CellChart)


def line_chart(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    references: Mapping[str, float] | None = None,
    unit: str = " %",
    width: float = 760,
    height: float = 300,
) -> LineChart:
    """A trend: up to four lines over the same labels, `None` where there is no value, and reference lines with a name.

    Values must have the length of `labels`.
    """
    wide = _lines(title, labels, series, references or {}, unit, width, height)
    return replace(wide, narrow=_lines(title, labels, series, references or {}, unit, PHONE, 220, has_key=True))


def _lines(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    references: Mapping[str, float],
    unit: str,
    width: float,
    height: float,
    *,
    has_key: bool = False,
) -> LineChart:
    left, right, top, bottom = 52.0, width - (8 if has_key else 150), 16.0, height - 34
    known = [v for values in series.values() for v in values if v is not None] + list(references.values())
    steps = _steps(min(known, default=0), max(known, default=1))
    across = _Scale(0, max(len(labels) - 1, 1), left + 8, right - 8)
    up = _Scale(steps[0], steps[-1], bottom, top)
    ends = {name: up(_last(values) or steps[0]) for name, values in series.items()}
    ends |= {name: up(value) for name, value in references.items()}
    apart = dict(zip(ends, _apart(list(ends.values()), top, bottom), strict=True))
    if has_key:
        apart = {name: height + 14 + 20 * number for number, name in enumerate(apart)}
    beside = left + 34 if has_key else right + 6
    every = math.ceil(len(labels) / (5 if has_key else 12)) or 1
    return LineChart(
        id=_id(title),
        title=title,
        summary=_line_summary(labels, series, references, unit),
        width=width,
        height=height + (20 * len(apart) + 4 if has_key else 0),
        left=left,
        right=right,
        bottom=bottom,
        grid=tuple(Rule(up(s), Text(left - 8, up(s) + 4, f"{s:g}{unit}")) for s in steps),
        references=tuple(
            Rule(up(value), Text(beside, apart[name] + 4, f"{name} {_show(value, unit)}", INK))
            for name, value in references.items()
        ),
        ticks=tuple(Text(across(i), bottom + 20, label) for i, label in enumerate(labels) if i % every == 0),
        lines=tuple(
            Line(
                name,
                tuple(_path([(across(i), up(v)) for i, v in run]) for run in _runs(values) if len(run) > 1),
                tuple((across(i), up(v)) for i, v in enumerate(values) if v is not None),
                MARKERS[number % 4],
                *STROKES[number % 4],
                Text(beside, apart[name] + 4, f"{name} {_show(_last(values), unit)}", STROKES[number % 4][0]),
            )
            for number, (name, values) in enumerate(series.items())
        ),
        table=Table(
            ("", *series),
            tuple((label, *(_show(values[i], unit) for values in series.values())) for i, label in enumerate(labels)),
        ),
        has_key=has_key,
    )


def asking(chart: Chart, asks: Iterable[Iterable[Ask | None]]) -> Chart:
    """The chart with what explains each number of its table: a row of the table after the other."""
    return replace(chart, table=replace(chart.table, asks=tuple(map(tuple, asks))))


def bar_chart(
    title: str,
    rows: Sequence[tuple[str, float, float | None]],
    *,
    comparison: str = "",
    gaps: Sequence[Decimal | None] = (),
    unit: str = " %",
    width: float = 640,
) -> BarChart:
    """Horizontal bars from zero: (label, value, what it is compared with or `None`). `comparison` names the mark, and
    `gaps`, in points of attendance, stand behind the values as what was missed more or less.
    """
    wide = _bars(title, rows, comparison, gaps, unit, width)
    return replace(wide, narrow=_bars(title, rows, comparison, gaps, unit, PHONE, is_narrow=True))


def _bars(
    title: str,
    rows: Sequence[tuple[str, float, float | None]],
    comparison: str,
    gaps: Sequence[Decimal | None],
    unit: str,
    width: float,
    *,
    is_narrow: bool = False,
) -> BarChart:
    """Labels stand before their bars; in a narrow drawing above them."""
    room = 128 if gaps else 58
    left, right, row, thick = (2.0, width - room, 46.0, 16.0) if is_narrow else (266.0, width - room - 16, 32.0, 18.0)
    down, drop = (22, 14) if is_narrow else (6, 20)
    said = [f"{gap:+}" if gap else "–" if gap is None else f"{gap}" for gap in gaps] or [""] * len(rows)
    most = max([v for _, value, other in rows for v in (value, other or 0)], default=0) or 1
    along = _Scale(0, most, left, right)
    return BarChart(
        id=_id(title),
        title=title,
        summary=_join(
            f"{label} {_show(value, unit)}" + (f", {comparison} {_show(other, unit)}" if other is not None else "")
            for label, value, other in rows
        ),
        width=width,
        height=len(rows) * row + (30 if comparison else 6),
        bars=tuple(
            Bar(
                label=Text(0 if is_narrow else left - 8, i * row + drop, _short(label, 40), INK),
                x=left,
                y=i * row + down,
                width=round(along(value) - left, 1),
                height=thick,
                value=Text(
                    max(along(value), along(other or 0)) + 8,
                    i * row + down + 14,
                    _show(value, unit) + (_more(gaps[i]) if gaps else ""),
                    INK,
                ),
                mark=None if other is None else along(other),
            )
            for i, (label, value, other) in enumerate(rows)
        ),
        comparison=comparison,
        legend_y=len(rows) * row + 14,
        left=left,
        table=Table(
            ("", "Value", *([comparison] if comparison else []), *(["Gap, points of attendance"] if gaps else [])),
            tuple(
                (label, _show(v, unit), *([_show(o, unit)] if comparison else []), *([said[i]] if gaps else []))
                for i, (label, v, o) in enumerate(rows)
            ),
        ),
        anchor="start" if is_narrow else "end",
    )


def _more(gap: Decimal | None) -> str:
    """A gap in attendance, said of absence: a bar of what was missed is longer by so many points, or shorter."""
    return f", {abs(gap)} {'more' if gap < 0 else 'less'}" if gap else ""


def heat_map(
    title: str,
    columns: Sequence[str],
    rows: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    unit: str = "",
    width: float = 520,
) -> CellChart:
    """Weekday by session: `values[row][column]`; the darker, the more. The number stands in each cell."""
    wide = _heat(title, columns, rows, values, unit, width)
    return replace(wide, narrow=_heat(title, columns, rows, values, unit, PHONE))


def _heat(
    title: str,
    columns: Sequence[str],
    rows: Sequence[str],
    values: Sequence[Sequence[float | None]],
    unit: str,
    width: float,
) -> CellChart:
    left, top, high = 48.0, 26.0, 44.0
    wide = (width - left) / max(len(columns), 1)
    known = [v for row in values for v in row if v is not None]
    low, most = min(known, default=0), max(known, default=1)

    def cell(row: int, column: int) -> Cell:
        value = values[row][column]
        shade = _shade(value, low, most)
        x, y = round(left + column * wide, 1), top + row * high
        return Cell(
            x, y, round(wide - 3, 1), high - 3, shade, _inside(x, y, wide - 3, high - 3, _show(value, unit), shade)
        )

    return CellChart(
        id=_id(title),
        title=title,
        summary=_join(
            f"{row}: " + ", ".join(f"{c} {_show(v, unit)}" for c, v in zip(columns, line, strict=True))
            for row, line in zip(rows, values, strict=True)
        ),
        width=width,
        height=top + len(rows) * high,
        cells=tuple(cell(r, c) for r in range(len(rows)) for c in range(len(columns))),
        columns=tuple(Text(round(left + (i + 0.5) * wide - 1.5, 1), 16, name) for i, name in enumerate(columns)),
        rows=tuple(Text(left - 10, top + i * high + high / 2 + 3, name) for i, name in enumerate(rows)),
        legend=(),
        table=Table(
            ("", *columns),
            tuple((row, *(_show(v, unit) for v in line)) for row, line in zip(rows, values, strict=True)),
        ),
    )


def stacked_bands(
    title: str,
    bands: Sequence[str],
    rows: Sequence[tuple[str, Sequence[float]]],
    *,
    unit: str = "",
    width: float = 760,
) -> CellChart:
    """Each row as one bar of 100 per cent, cut into the same bands, best first; a number too wide for its band is in
    the table only. `rows` are (label, one number a band).
    """
    wide = _bands(title, bands, rows, unit, width)
    return replace(wide, narrow=_bands(title, bands, rows, unit, PHONE, is_narrow=True))


def _bands(
    title: str,
    bands: Sequence[str],
    rows: Sequence[tuple[str, Sequence[float]]],
    unit: str,
    width: float,
    *,
    is_narrow: bool = False,
) -> CellChart:
    left, right, high, row_high = 92.0 if is_narrow else 150.0, width - 1, 24.0, 34.0
    shades = _spread(len(bands))
    cells, texts = [], []
    for number, (label, values) in enumerate(rows):
        y, along = number * row_high + 4, _Scale(0, sum(values) or 1, left, right)
        texts.append(Text(left - 10, y + 17, _short(label, 20), INK))
        before = 0.0
        for shade, value in zip(shades, values, strict=True):
            x, wide = along(before), round(along(before + value) - along(before), 1)
            before += value
            if wide > 0:
                shown = _show(value, unit)
                cells.append(
                    Cell(
                        x,
                        y,
                        wide,
                        high,
                        shade,
                        _inside(x, y, wide, high, shown if wide > 9 * len(shown) + 4 else "", shade),
                    )
                )
    legend_y, legend_x, per_row, apart = len(rows) * row_high + 12, *((0.0, 2, 150) if is_narrow else (left, 3, 200))
    legend = tuple(
        Cell(
            legend_x + (i % per_row) * apart,
            legend_y + (i // per_row) * 24,
            14,
            14,
            shades[i],
            Text(legend_x + (i % per_row) * apart + 21, legend_y + (i // per_row) * 24 + 12, band),
        )
        for i, band in enumerate(bands)
    )
    return CellChart(
        id=_id(title),
        title=title,
        summary=_join(
            f"{label}: " + ", ".join(f"{band} {_show(v, unit)}" for band, v in zip(bands, values, strict=True))
            for label, values in rows
        ),
        width=width,
        height=legend_y + math.ceil(len(bands) / per_row) * 24,
        cells=tuple(cells),
        columns=(),
        rows=tuple(texts),
        legend=legend,
        table=Table(("", *bands), tuple((label, *(_show(v, unit) for v in values)) for label, values in rows)),
    )


@dataclass(frozen=True)
class _Scale:
    """A straight line from numbers to places on the page, rounded to a tenth."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / ((self.high - self.low) or 1)
        return round(self.start + share * (self.end - self.start), 1)


def _steps(low: float, high: float) -> list[float]:
    """Three to six round numbers that hold `low` and `high` between the first and the last."""
    span = (high - low) or abs(high) or 1
    raw = span / 4
    size = 10 ** math.floor(math.log10(raw))
    step = next(size * m for m in (1, 2, 2.5, 5, 10) if size * m >= raw * 0.999)
    first = math.floor(round(low / step, 9))
    last = max(math.ceil(round(high / step, 9)), first + 1)
    return [round(step * i, 6) for i in range(first, last + 1)]


def _runs(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    """The unbroken runs of a line, each value with its place."""
    runs: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((i, value))
    return [run for run in runs if run]


def _apart(places: list[float], top: float, bottom: float, gap: float = 17) -> list[float]:
    """The same places, moved as little as a downward and an upward pass can so that none covers another."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for before, i in pairwise(order):
        moved[i] = max(moved[i], moved[before] + gap)
    limit = bottom
    for i in reversed(order):
        moved[i] = max(top, min(moved[i], limit))
        limit = moved[i] - gap
    return moved


def _last(values: Sequence[float | None]) -> float | None:
    return next((v for v in reversed(values) if v is not None), None)


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in points)


def _shade(value: float | None, low: float, high: float) -> str:
    if value is None:
        return BLANK
    return SHADES[min(int((value - low) / ((high - low) or 1) * len(SHADES)), len(SHADES) - 1)]


def _spread(count: int) -> list[str]:
    """`count` shades from light to dark, as far apart as they can be."""
    return [SHADES[round(i * (len(SHADES) - 1) / max(count - 1, 1))] for i in range(count)]


def _inside(x: float, y: float, width: float, height: float, text: str, shade: str) -> Text:
    fill = "#ffffff" if shade in SHADES[4:] else INK
    return Text(round(x + width / 2, 1), round(y + height / 2 + 4.5, 1), text, fill)


def _show(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return (f"{value:,d}" if isinstance(value, int) else f"{value:.1f}") + unit


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _join(sentences: Iterable[str]) -> str:
    return ". ".join(sentences) + "."


def _id(title: str) -> str:
    return "chart-" + re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _line_summary(
    labels: Sequence[str], series: Mapping[str, Sequence[float | None]], references: Mapping[str, float], unit: str
) -> str:
    span = f"From {labels[0]} to {labels[-1]}. " if labels else ""
    ends = [
        f"{name}: {_show(next((v for v in values if v is not None), None), unit)} to {_show(_last(values), unit)}"
        for name, values in series.items()
    ]
    return span + _join([*ends, *(f"{name}: {_show(value, unit)}" for name, value in references.items())])
