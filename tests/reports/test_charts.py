"""Charts: round steps, nothing covered, broken lines where nothing is known, and every number in the table."""

import itertools
import re
from decimal import Decimal

import pytest
from django.template.loader import render_to_string
from hypothesis import example, given
from hypothesis import strategies as st
from lxml import etree

from reports import charts

numbers = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: round(v, 3))


@given(numbers, numbers)
@example(0.004, -20021.0)
def test_steps_hold_every_value_between_three_and_seven_round_numbers(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    steps = charts._steps(low, high)
    assert steps[0] <= low + 1e-6
    assert high <= steps[-1] + 1e-6
    assert 2 <= len(steps) <= 7


@given(st.lists(st.floats(16, 266), min_size=1, max_size=6))
def test_labels_never_cover_one_another(places: list[float]) -> None:
    moved = sorted(charts._apart(places, 16, 266))
    assert all(later - earlier >= 17 - 1e-6 for earlier, later in itertools.pairwise(moved))
    assert moved[0] >= 16 - 1e-6
    assert moved[-1] <= 266 + 1e-6


def test_a_line_breaks_where_nothing_is_known() -> None:
    chart = charts.line_chart("Attendance", ["a", "b", "c", "d", "e"], {"us": [95.0, 94.0, None, 93.0, 92.0]})
    assert len(chart.lines[0].paths) == 2
    assert len(chart.lines[0].markers) == 4
    assert chart.table.rows[2] == ("c", "–")


def test_an_empty_chart_is_drawn_empty() -> None:
    assert charts.line_chart("Nothing", [], {"us": []}).lines[0].paths == ()
    assert charts.bar_chart("Nothing", []).bars == ()
    assert charts.heat_map("Nothing", [], [], []).cells == ()
    assert charts.stacked_bands("Nothing", ["a"], [("Year 1", [0])]).cells == ()


def test_shades_of_a_heat_map_run_with_the_numbers() -> None:
    chart = charts.heat_map("Missed", ["Mon", "Fri"], ["AM", "PM"], [[4.0, 5.0], [6.0, None]])
    assert [cell.fill for cell in chart.cells] == [charts.SHADES[0], charts.SHADES[3], charts.SHADES[5], charts.BLANK]
    assert chart.cells[2].value.fill == "#ffffff"


def test_bands_fill_the_row() -> None:
    chart = charts.stacked_bands("Bands", ["a", "b", "c"], [("Year 1", (1, 1, 2))], width=551)
    assert [cell.width for cell in chart.cells] == [100, 100, 200]


def test_the_gap_of_a_bar_says_whether_more_was_missed() -> None:
    rows = [("Boys", 5.4, 5.2), ("Girls", 5.2, 5.4), ("Alike", 5.0, 5.0), ("Nobody else", 5.0, None)]
    gaps = [Decimal("-0.2"), Decimal("0.2"), Decimal("0.0"), None]
    chart = charts.bar_chart("Missed", rows, comparison="Others", gaps=gaps)
    assert [bar.value.text for bar in chart.bars] == ["5.4 %, 0.2 more", "5.2 %, 0.2 less", "5.0 %", "5.0 %"]
    assert [row[-1] for row in chart.table.rows] == ["-0.2", "+0.2", "0.0", "–"]


def _charts() -> list[tuple[str, object]]:
    return [
        (
            "line",
            charts.line_chart("Line", ["a", "b"], {"us": [1, 2], "<b>": [2, None]}, references={"England": 1.5}),
        ),
        ("bars", charts.bar_chart("Bars", [("All & some", 3.25, 2.0), ("None", 1.0, None)], comparison="England")),
        ("cells", charts.heat_map("Heat", ["Mon"], ["AM"], [[4.5]])),
        ("cells", charts.stacked_bands("Bands", ["a", "b"], [("Year 1", (3, 5))])),
    ]


@pytest.mark.parametrize(("name", "chart"), _charts(), ids=lambda v: v if isinstance(v, str) else v.title)
def test_drawings_are_named_and_free_of_style_and_script(name: str, chart: object) -> None:
    html = render_to_string(f"parts/charts/{name}.html", {"chart": chart})
    svg = etree.fromstring(re.search(r"<svg.*?</svg>", html, re.DOTALL)[0])
    assert svg.findtext("title") == chart.title
    assert svg.findtext("desc") == chart.summary
    assert not svg.xpath("//@style | //script | //style | //@*[starts-with(name(), 'on')]")
    for row in chart.table.rows:
        assert all(f">{cell}<" in html.replace("&amp;", "&") for cell in row)


@pytest.mark.parametrize(("name", "chart"), _charts(), ids=lambda v: v if isinstance(v, str) else v.title)
def test_a_phone_gets_a_drawing_of_its_own(name: str, chart: object) -> None:
    """The same numbers under names of their own, within a width at which they can be read."""
    html = render_to_string(f"parts/charts/{name}.html", {"chart": chart})
    wide, narrow = (etree.fromstring(each) for each in re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert float(narrow.get("width")) == charts.PHONE
    said = [sorted(filter(str.strip, each.xpath("//text()"))) for each in (narrow, wide)]
    assert said[0] == said[1]
    ids = [*wide.xpath("//@id"), *narrow.xpath("//@id")]
    assert len(ids) == len(set(ids)) == 4
    for text in narrow.xpath("//*[local-name()='text']"):
        x, long = float(text.get("x")), 7.5 * len(text.text)
        left = x - long * {"end": 1, "middle": 0.5}.get(text.get("text-anchor"), 0)
        assert left > -8
        assert left + long < charts.PHONE + 8
