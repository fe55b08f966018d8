"""The national threshold and its working (law.md 5.1 to 5.4, 5.14; interchange.md, penalty_thresholds)."""

from dataclasses import replace
from datetime import date

import pytest

from casework.measures import Mark
from penalties.readings import DEFAULTS
from penalties.thresholds import Working, count, months_before, old_threshold_met, why_skipped, working
from registers.codes import code_for
from tests.casework.a_pupil import DATES, PERIODS, days_of, marked, pupil, ranges

FRIDAY = date(2024, 9, 13)


def shown(marks: list[Mark], on: date, *, settings=DEFAULTS, **values: object) -> Working:
    found = working(pupil(marks), PERIODS, DATES, on, settings, **values)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("marks", "on", "counted"),
    [
        pytest.param(
            days_of("G G", date(2024, 9, 5), 2) + days_of("/ U", date(2024, 9, 16), 6),
            date(2024, 9, 27),
            10,
            id="5.4 four holiday and six late after close",
        ),
        pytest.param(
            days_of("O O", date(2024, 9, 9), 3)
            + marked(sep_16_2024="U", sep_23_2024="U", sep_30_2024="U", oct_7_2024="U"),
            date(2024, 10, 11),
            10,
            id="5.4 six in one week and one in each of the next four",
        ),
        pytest.param(
            marked(jul_22_2024="O O") + days_of("O O", date(2024, 9, 4), 4),
            FRIDAY,
            10,
            id="5.4 two in summer and eight in autumn",
        ),
        pytest.param(
            marked(jul_22_2024="G", sep_4_2024="O", sep_6_2024="U", sep_12_2024="/ O"),
            FRIDAY,
            4,
            id="5.3 not in a row, across terms and years, different codes",
        ),
        pytest.param(marked(sep_4_2024="N N"), FRIDAY, 0, id="5.1a N is provisional"),
        pytest.param(marked(sep_4_2024="G O", sep_5_2024="U C"), FRIDAY, 3, id="5.1 any mix of unauthorised codes"),
    ],
)
def test_sessions_counted(marks: list[Mark], on: date, counted: int) -> None:
    facts = pupil(marks)
    found = count(facts, ranges(on), DEFAULTS)
    assert found is not None
    assert found.counted == shown(list(facts.marks), on).counted == counted
    assert found.met is (counted >= 10)


def test_n_counts_where_the_school_says_so_and_stays_provisional() -> None:
    facts = pupil(marked(sep_4_2024="N N", sep_5_2024="O O"))
    settings = replace(DEFAULTS, count_n=True)
    assert (count(facts, ranges(FRIDAY), settings).counted, count(facts, ranges(FRIDAY), settings).provisional) == (
        4,
        2,
    )
    assert (shown(list(facts.marks), FRIDAY, settings=settings).counted, shown(list(facts.marks), FRIDAY).counted) == (
        4,
        2,
    )


@pytest.mark.parametrize(
    ("counted", "approaching", "met"), [(6, False, False), (7, True, False), (9, True, False), (10, False, True)]
)
def test_approaching(counted: int, approaching: bool, met: bool) -> None:
    marks = (days_of("O O", date(2024, 9, 4), 5))[:counted]
    found = count(pupil(marks), ranges(FRIDAY), DEFAULTS)
    assert (found.counted, found.approaching, found.met) == (counted, approaching, met)


def test_no_school_week_no_count() -> None:
    assert count(pupil([]), ranges(date(2023, 9, 1)), DEFAULTS) is None
    assert working(pupil([]), PERIODS, DATES, date(2023, 9, 1), DEFAULTS) is None


def test_5_2_the_strip_skips_weeks_without_a_session_and_says_why() -> None:
    strip = shown([], date(2024, 12, 6)).weeks
    assert [(week.monday.isoformat(), week.number, week.skipped_because) for week in strip] == [
        ("2024-09-16", 1, ""),
        ("2024-09-23", 2, ""),
        ("2024-09-30", 3, ""),
        ("2024-10-07", 4, ""),
        ("2024-10-14", 5, ""),
        ("2024-10-21", 6, ""),
        ("2024-10-28", None, "school holiday"),
        ("2024-11-04", 7, ""),
        ("2024-11-11", 8, ""),
        ("2024-11-18", None, "Boiler replacement"),
        ("2024-11-25", 9, ""),
        ("2024-12-02", 10, ""),
    ]


def test_a_week_lost_to_the_holiday_and_one_inset_day() -> None:
    assert why_skipped(date(2024, 8, 26), PERIODS) == "school holiday"


def test_what_falls_out_with_the_next_school_week() -> None:
    marks = marked(sep_16_2024="O O", sep_23_2024="U")
    now = shown(marks, date(2024, 12, 6))
    assert (now.counted, len(now.falls_out), now.falls_out_on) == (3, 2, date(2024, 12, 9))
    assert shown(marks, date(2024, 12, 9)).counted == 1


def test_nothing_falls_out_in_a_holiday_until_school_begins_again() -> None:
    marks = marked(oct_7_2024="O O")
    assert shown(marks, date(2024, 12, 20)).falls_out_on == date(2025, 1, 6)
    assert shown(marks, date(2024, 12, 28)).falls_out_on == date(2025, 1, 6)


def test_nothing_falls_out_of_a_window_that_is_not_full_or_where_the_calendar_ends() -> None:
    assert shown([], date(2023, 9, 8)).falls_out_on is None
    assert shown([], date(2025, 4, 4)).falls_out_on is None


def test_spent_sessions_are_shown_and_count_again_only_by_the_setting() -> None:
    marks = days_of("O O", date(2024, 9, 4), 6)
    used = {(date(2024, 9, 4), 1), (date(2024, 9, 4), 2)}
    by_default = shown(marks, FRIDAY, used=used)
    again = shown(marks, FRIDAY, used=used, settings=replace(DEFAULTS, count_used_sessions=True))
    assert (by_default.counted, again.counted) == (10, 12)
    assert by_default.sessions == again.sessions
    assert not again.sessions & used
    assert sum(len(week.used) for week in by_default.weeks) == 2


def test_5_3_evidence_of_another_school_is_counted_once() -> None:
    unauthorised = code_for("O", date(2024, 9, 4)).number
    evidence = [(date(2024, 9, 4), 1, unauthorised), (date(2024, 9, 5), 1, unauthorised), (date(2024, 3, 4), 1, 22)]
    marks = marked(sep_4_2024="O", sep_5_2024="D")
    assert shown(marks, FRIDAY).counted == 1
    assert shown(marks, FRIDAY, evidence=evidence).counted == 2


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 7, 31), 12, date(2023, 7, 31)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 1, 15), 1, date(2023, 12, 15)),
        (date(2024, 12, 31), 12, date(2023, 12, 31)),
    ],
)
def test_months_before(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_the_old_local_threshold() -> None:
    ten = [(day, session) for day in DATES[:5] for session in (1, 2)]
    assert old_threshold_met(ten, DEFAULTS)
    assert not old_threshold_met(ten[:9], DEFAULTS)
    assert not old_threshold_met([], DEFAULTS)
    year_apart = [*ten[:9], (date(2024, 9, 6), 1)]
    assert not old_threshold_met(year_apart, DEFAULTS)
    assert old_threshold_met(year_apart, replace(DEFAULTS, old_threshold_months=13))
    assert old_threshold_met(ten[:6], replace(DEFAULTS, old_threshold_sessions=6))
