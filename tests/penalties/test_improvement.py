"""The notice to improve (law.md, Notice to Improve; 5.8)."""

from dataclasses import replace
from datetime import date

import pytest

from penalties.improvement import (
    IMPROVEMENT_CONTENTS,
    IMPROVEMENT_TRANSITIONS,
    ImprovementState,
    Progress,
    Target,
    last_day,
    why_not_move,
    why_not_notice_to_improve,
)
from penalties.readings import DEFAULTS, ImprovementUnit, PenaltySettings
from tests.casework.a_pupil import DATES
from tests.penalties.a_notice import improvement_facts, notice


@pytest.mark.parametrize(
    ("values", "refused_by"),
    [
        pytest.param({}, [], id="nothing speaks against it"),
        pytest.param({"threshold_met": False}, ["5.1"], id="5.1"),
        pytest.param({"threshold_met": False, "below_threshold_reason": "The code."}, [], id="5.5"),
        pytest.param({"support_offered": False}, ["5.7"], id="5.7 no support yet"),
        pytest.param({"holiday": True}, ["5.8"], id="5.8 a holiday"),
        pytest.param({"earlier": [notice(date(2024, 9, 20))]}, [], id="5.11 one notice"),
        pytest.param(
            {"earlier": [notice(date(2024, 9, 20)), notice(date(2024, 12, 6))]}, ["5.11"], id="5.11 none can follow"
        ),
        pytest.param({"of_compulsory_age": False}, ["5.17"], id="5.17 age"),
        pytest.param({"may_issue_penalties": False}, ["5.17"], id="5.17 type of school"),
        pytest.param({"weeks": 2}, ["Notice to Improve"], id="two weeks"),
        pytest.param({"weeks": 3}, [], id="three weeks"),
        pytest.param({"weeks": 7}, ["Notice to Improve"], id="seven weeks"),
        pytest.param({"until": None}, ["Notice to Improve"], id="beyond the calendar"),
        pytest.param({"open_notice": True}, ["Notice to Improve"], id="one is open"),
        pytest.param({"contents": {}}, ["Notice to Improve"] * 8, id="the eight contents"),
    ],
)
def test_why_not_notice_to_improve(values: dict, refused_by: list[str]) -> None:
    reasons = why_not_notice_to_improve(improvement_facts(**values), DEFAULTS)
    assert [reason.paragraph for reason in reasons] == refused_by


@pytest.mark.parametrize(
    ("settings", "values", "refused_by"),
    [
        pytest.param(replace(DEFAULTS, improvement_for_holiday=True), {"holiday": True}, [], id="5.8"),
        pytest.param(replace(DEFAULTS, improvement_shortest_weeks=2), {"weeks": 2}, [], id="shortest"),
        pytest.param(replace(DEFAULTS, improvement_longest_weeks=5), {}, ["Notice to Improve"], id="longest"),
        pytest.param(
            replace(DEFAULTS, below_threshold=False),
            {"threshold_met": False, "below_threshold_reason": "x"},
            ["5.1"],
            id="5.5",
        ),
    ],
)
def test_the_other_reading(settings: PenaltySettings, values: dict, refused_by: list[str]) -> None:
    reasons = why_not_notice_to_improve(improvement_facts(**values), settings)
    assert [reason.paragraph for reason in reasons] == refused_by


def test_eight_contents() -> None:
    assert len(IMPROVEMENT_CONTENTS) == 8


@pytest.mark.parametrize(
    ("start", "weeks", "unit", "expected"),
    [
        (date(2024, 10, 14), 3, ImprovementUnit.WEEKS, date(2024, 11, 3)),
        (date(2024, 10, 14), 3, ImprovementUnit.SCHOOL_WEEKS, date(2024, 11, 10)),
        (date(2024, 10, 16), 3, ImprovementUnit.SCHOOL_WEEKS, date(2024, 11, 5)),
        (date(2024, 10, 14), 3, ImprovementUnit.SCHOOL_DAYS, date(2024, 11, 8)),
        (date(2024, 10, 28), 3, ImprovementUnit.SCHOOL_WEEKS, date(2024, 12, 1)),
        (date(2024, 10, 30), 3, ImprovementUnit.SCHOOL_DAYS, date(2024, 11, 29)),
        (date(2024, 9, 9), 6, ImprovementUnit.SCHOOL_WEEKS, date(2024, 10, 20)),
        (date(2024, 9, 9), 6, ImprovementUnit.SCHOOL_DAYS, date(2024, 10, 18)),
        (date(2025, 3, 17), 3, ImprovementUnit.SCHOOL_WEEKS, date(2025, 4, 6)),
        (date(2025, 3, 18), 3, ImprovementUnit.SCHOOL_WEEKS, date(2025, 4, 7)),
        (date(2025, 3, 24), 3, ImprovementUnit.SCHOOL_WEEKS, None),
        (date(2025, 3, 24), 3, ImprovementUnit.SCHOOL_DAYS, None),
        (date(2025, 3, 24), 3, ImprovementUnit.WEEKS, date(2025, 4, 13)),
    ],
)
def test_last_day(start: date, weeks: int, unit: ImprovementUnit, expected: date | None) -> None:
    assert last_day(start, weeks, DATES, unit) == expected


@pytest.mark.parametrize(
    ("unauthorised", "at_most", "on", "verb"),
    [
        (0, 0, date(2025, 4, 4), ""),
        (0, 0, date(2025, 4, 5), "meet"),
        (1, 0, date(2025, 3, 20), "miss"),
        (2, 2, date(2025, 4, 5), "meet"),
        (3, 2, date(2025, 4, 5), "miss"),
    ],
)
def test_progress_suggests_and_a_person_decides(unauthorised: int, at_most: int, on: date, verb: str) -> None:
    assert Progress(unauthorised, Target(at_most), until=date(2025, 4, 4), on=on).verb == verb


def test_what_enough_improvement_is_is_said() -> None:
    assert str(Target()) == "no unauthorised absence"
    assert str(Target(1)) == "at most 1 session of unauthorised absence"
    assert str(Target(2)) == "at most 2 sessions of unauthorised absence"


def test_states() -> None:
    assert set(IMPROVEMENT_TRANSITIONS) == set(ImprovementState)
    assert why_not_move("start", ImprovementState.OFFERED) == []
    (reason,) = why_not_move("meet", ImprovementState.ENDED)
    assert str(reason) == "The notice to improve is ended. (Notice to Improve)"
