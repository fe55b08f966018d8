"""Every disputed point is a dated setting with a default, both readings, and where it comes from."""

import re
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from penalties.readings import DEFAULTS, POINTS, PenaltySettings, default_of, settings_on, why_not_settings
from penalties.sources import RULES


def test_every_setting_says_what_it_is_about() -> None:
    assert set(POINTS) == {field.name for field in fields(PenaltySettings)} - {"in_force_from"}


@pytest.mark.parametrize("name", sorted(POINTS))
def test_a_point_names_its_paragraph_its_source_and_its_default(name: str) -> None:
    point = POINTS[name]
    assert point.paragraph
    assert point.source.endswith(".")
    assert point.question.endswith("?")
    assert default_of(name) in point.readings


def test_the_version_in_force_on_the_day() -> None:
    first = PenaltySettings(in_force_from=date(2024, 9, 1), count_n=True)
    second = replace(first, in_force_from=date(2025, 9, 1), count_n=False, deemed_service_days=3)
    versions = [second, first]
    assert settings_on(versions, date(2024, 8, 31)) == DEFAULTS
    assert settings_on(versions, date(2025, 8, 31)) == first
    assert settings_on(versions, date(2025, 9, 1)) == second
    assert settings_on([], date(2025, 9, 1)) == DEFAULTS


def test_settings_that_make_no_sense_are_refused() -> None:
    assert why_not_settings(DEFAULTS) == []
    wrong = replace(DEFAULTS, deemed_service_days=-1, old_threshold_sessions=0, improvement_shortest_weeks=7)
    assert len(why_not_settings(wrong)) == 3


def test_every_number_that_a_page_shows_is_explained():
    """No head has domain/law.md: what a question or a reason names in brackets stands on the page of readings."""
    files = [file.read_text() for file in Path("penalties").glob("*.py") if file.stem != "sources"]
    said = {number for text in files for number in re.findall(r'"(5\.\d+a?)"', text)}
    assert said <= {rule.number for rule in RULES}
    assert len(said) > 15
