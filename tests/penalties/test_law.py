"""Every row of law.md section 5 is held by a named test, and every disputed point is tested in both its readings."""

import re
from pathlib import Path

import pytest

from penalties.readings import POINTS

SOURCES = {path.name: path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("test_*.py"))}
HELD = {
    found
    for source in SOURCES.values()
    for pattern in (r'id="5\.(\d+a?)\b', r"def test_5_(\d+a?)_")
    for found in re.findall(pattern, source)
}


@pytest.mark.parametrize("row", ["1a", *map(str, range(1, 27))], ids=lambda row: f"5.{row}")
def test_a_row_of_the_law_has_its_test(row: str) -> None:
    assert row in HELD


@pytest.mark.parametrize("point", POINTS)
def test_a_disputed_point_is_tested_in_another_reading_too(point: str) -> None:
    """By its name, in a reading that is not the default."""
    assert any(re.search(rf'\b{point}(=|": )', source) for name, source in SOURCES.items() if name != "test_law.py")
