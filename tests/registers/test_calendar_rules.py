from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.calendar_rules import (
    Period,
    RegisterTimes,
    Session,
    academic_year_bounds,
    academic_year_of,
    calendar_faults,
    closed_by,
    half_term_of,
    half_terms,
    no_reason_overdue_from,
    nth_school_day_after,
    school_days,
    school_days_after,
    school_days_from,
    school_weeks,
    terms,
    why_not_calendar,
    why_not_times,
    window_of_school_weeks,
    year_name,
)

YEAR = [
    Period(date(2024, 9, 2), date(2024, 10, 25), "HT1"),
    Period(date(2024, 11, 4), date(2024, 12, 20), "HT2"),
    Period(date(2025, 1, 6), date(2025, 2, 14), "HT3"),
    Period(date(2025, 2, 24), date(2025, 4, 4), "HT4"),
    Period(date(2025, 4, 22), date(2025, 5, 23), "HT5"),
    Period(date(2025, 6, 2), date(2025, 7, 22), "HT6"),
    Period(date(2024, 9, 2), date(2024, 9, 3), "inset", "Training"),
    Period(date(2025, 5, 5), date(2025, 5, 5), "bank_holiday", "Early May"),
    Period(date(2024, 11, 18), date(2024, 11, 22), "closure", "Boiler replacement"),
    Period(date(2024, 12, 20), date(2024, 12, 20), "closure", "End of term", Session.PM),
]
DAYS = school_days(YEAR)
DATES = [day.day for day in DAYS]


def test_school_days_are_the_weekdays_of_half_terms_less_what_closes_them():
    assert DATES[0] == date(2024, 9, 4)
    assert date(2024, 9, 7) not in DATES
    assert date(2024, 10, 28) not in DATES
    assert date(2025, 5, 5) not in DATES
    assert not {date(2024, 11, day) for day in range(18, 23)} & set(DATES)
    assert len(DATES) == 40 - 2 + 35 - 5 + 30 + 30 + 24 - 1 + 37
    assert sorted(set(DATES)) == DATES


def test_half_a_day_closes():
    last = next(day for day in DAYS if day.day == date(2024, 12, 20))
    assert last.sessions == (Session.AM,)
    assert (last.half_term, last.academic_year) == (2, 2024)
    assert sum(len(day.sessions) for day in DAYS) == 2 * len(DAYS) - 1


def test_two_closed_halves_close_the_day():
    day = date(2024, 12, 20)
    assert day not in [each.day for each in school_days([*YEAR, Period(day, day, "closure", "", Session.AM)])]


def test_what_closes_a_session():
    assert closed_by(YEAR, date(2024, 11, 18), Session.AM).label == "Boiler replacement"
    assert closed_by(YEAR, date(2024, 12, 20), Session.AM) is None
    assert closed_by(YEAR, date(2024, 12, 20), Session.PM).label == "End of term"


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        (Period(date(2025, 9, 2), date(2025, 9, 1), "HT1"), "end", "is before the start"),
        (Period(date(2025, 9, 2), date(2025, 9, 1), "closure"), "end", "is before the start"),
        (Period(date(2025, 9, 1), date(2025, 9, 5), "HT7"), "kind", "HT7 is not a kind of period"),
        (Period(date(2025, 9, 1), date(2025, 9, 5), ""), "kind", "empty is not a kind of period"),
        (Period(date(2025, 9, 6), date(2025, 9, 7), "HT1"), "end", "has no weekday"),
        (Period(date(2025, 7, 28), date(2025, 8, 4), "HT6"), "end", "runs over 1 August"),
        (Period(date(2025, 7, 22), date(2025, 7, 25), "HT6"), "start", "overlaps HT6"),
        (Period(date(2025, 7, 24), date(2025, 7, 25), "HT5"), "kind", "half-terms run HT1 to HT6"),
        (Period(date(2025, 9, 1), date(2025, 9, 5), "HT1", "", Session.AM), "session", "has no session"),
    ],
)
def test_what_is_no_calendar(wrong, field, sentence):
    (fault,) = calendar_faults([*YEAR, wrong])
    assert fault[:2] == (len(YEAR), field)
    assert sentence in fault[2]
    assert sentence in why_not_calendar([*YEAR, wrong])[0]


def test_every_half_term_inside_another_is_named():
    whole_year = Period(date(2024, 9, 1), date(2025, 7, 23), "HT1")
    assert [index for index, _, _ in calendar_faults([*YEAR[:6], whole_year])] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "also",
    [
        pytest.param(Period(date(2024, 12, 28), date(2024, 12, 28), "bank_holiday"), id="bank holiday on a Saturday"),
        pytest.param(Period(date(2025, 7, 23), date(2025, 7, 25), "HT6"), id="a half-term in two rows"),
        pytest.param(Period(date(2025, 5, 5), date(2025, 5, 6), "inset"), id="two reasons for one day"),
    ],
)
def test_what_is_a_calendar(also):
    assert why_not_calendar(YEAR) == []
    assert why_not_calendar([*YEAR, also]) == []


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2024, 7, 31), 2023), (date(2024, 8, 1), 2024), (date(2024, 12, 31), 2024), (date(2025, 7, 31), 2024)],
)
def test_academic_year_runs_from_1_august(day, year):
    assert academic_year_of(day) == year
    start, end = academic_year_bounds(year)
    assert start <= day <= end


def test_academic_year_is_named_by_both_years():
    assert (year_name(2024), year_name(1999)) == ("2024/25", "1999/00")


def test_half_terms_and_terms():
    assert [str(span) for span in half_terms(YEAR)] == [f"HT{n} 2024/25" for n in range(1, 7)]
    assert [(span.name, span.start, span.end) for span in terms(YEAR)] == [
        ("Autumn term", date(2024, 9, 2), date(2024, 12, 20)),
        ("Spring term", date(2025, 1, 6), date(2025, 4, 4)),
        ("Summer term", date(2025, 4, 22), date(2025, 7, 22)),
    ]


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2024, 9, 1), None),
        pytest.param(date(2024, 9, 2), "HT1", id="an INSET day begins the half-term"),
        (date(2024, 10, 25), "HT1"),
        pytest.param(date(2024, 10, 30), "HT1", id="in the holiday: the last one begun"),
        (date(2024, 11, 4), "HT2"),
        (date(2026, 1, 1), "HT6"),
    ],
)
def test_half_term_of(on, name):
    span = half_term_of(YEAR, on)
    assert (span and span.name) == name


def test_school_weeks_skip_holidays_and_closed_weeks():
    weeks = school_weeks(DATES)
    assert weeks[0] == date(2024, 9, 2)
    assert date(2024, 10, 28) not in weeks
    assert date(2024, 11, 18) not in weeks
    assert len(weeks) == 8 + 6 + 6 + 6 + 5 + 8


@pytest.mark.parametrize(
    ("on", "start"),
    [
        pytest.param(date(2024, 9, 1), None, id="before the first week"),
        pytest.param(date(2024, 9, 3), date(2024, 9, 2), id="the week has its session later"),
        pytest.param(date(2024, 10, 25), date(2024, 9, 2), id="fewer than ten weeks yet"),
        pytest.param(date(2024, 11, 15), date(2024, 9, 2), id="ten weeks, half-term skipped"),
        pytest.param(date(2024, 11, 20), date(2024, 9, 2), id="closed week: the latest before it"),
        pytest.param(date(2024, 11, 25), date(2024, 9, 9), id="eleventh week"),
        pytest.param(date(2024, 12, 28), date(2024, 9, 30), id="in the Christmas holiday"),
        pytest.param(date(2025, 1, 6), date(2024, 10, 7), id="5.3 across terms"),
    ],
)
def test_window_of_ten_school_weeks(on, start):
    assert window_of_school_weeks(DATES, on) == (start and (start, on))


@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        pytest.param(date(2024, 9, 9), date(2024, 9, 17), id="1.8 over a weekend"),
        pytest.param(date(2024, 10, 24), date(2024, 11, 8), id="over half-term"),
        pytest.param(date(2024, 11, 15), date(2024, 12, 2), id="over a closed week"),
        pytest.param(date(2024, 12, 20), date(2025, 1, 13), id="over Christmas"),
        pytest.param(date(2025, 7, 16), None, id="the calendar ends first"),
    ],
)
def test_no_reason_is_overdue_from_the_sixth_school_day_after(day, overdue):
    assert no_reason_overdue_from(DATES, day) == overdue


def test_school_days_of_a_range():
    assert school_days_from(DATES, date(2024, 9, 1), date(2024, 9, 6)) == [date(2024, 9, day) for day in (4, 5, 6)]


@given(st.dates(date(2024, 8, 1), date(2025, 7, 31)), st.integers(1, 30))
def test_counting_school_days_agrees_with_finding_them(day, n):
    found = nth_school_day_after(DATES, day, n)
    if found:
        assert school_days_after(DATES, day, found) == n
        assert school_days_after(DATES, day, found - timedelta(1)) == n - 1
    else:
        assert school_days_after(DATES, day, DATES[-1]) < n


TIMES = RegisterTimes(time(9), time(9, 25), time(13), time(13, 15), time(15, 30))


def test_times_that_are_lawful():
    assert why_not_times(TIMES) == []
    assert why_not_times(RegisterTimes(time(9), time(9, 30), time(13), time(13, 30), time(15))) == []


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        pytest.param(
            RegisterTimes(time(9), time(9, 31), time(13), time(13, 15), time(15, 30)),
            "the AM register is open for 31 minutes; the law allows at most 30",
            id="3.3",
        ),
        (
            RegisterTimes(time(9), time(9, 25), time(9, 20), time(9, 40), time(15, 30)),
            "the afternoon register (09:20) must be after its close (09:25)",
        ),
        (
            RegisterTimes(time(9), time(9), time(13), time(13, 15), time(15, 30)),
            "its close (09:00) must be after the morning register (09:00)",
        ),
        (
            RegisterTimes(time(9), time(9, 25), time(13), time(13, 15), time(13, 15)),
            "the end of the day (13:15) must be after its close (13:15)",
        ),
    ],
)
def test_times_that_are_not(times, sentence):
    assert why_not_times(times) == [sentence]


@pytest.mark.parametrize(
    ("moment", "session", "is_open"),
    [
        (time(8, 59), Session.AM, False),
        (time(9), Session.AM, True),
        (time(9, 24, 59), Session.AM, True),
        (time(9, 25), Session.AM, False),
        (time(12, 59), Session.AM, False),
        (time(13), Session.PM, True),
        (time(20), Session.PM, False),
    ],
)
def test_session_at_and_open_register(moment, session, is_open):
    assert TIMES.session_at(moment) is session
    assert TIMES.is_open(moment, session) is is_open
