"""Each statutory clock on both sides of its edge: weekends, half-term, the year's end, summer time."""

from datetime import date, timedelta

import pytest

from casework import clocks
from casework.clocks import Interval, Kind
from registers.calendar_rules import Session
from registers.codes import code_for
from tests.factories import DAYS

AM, PM = Session
DATES = [each.day for each in DAYS]


def after(day: date, n: int) -> list[date]:
    """A run of n school days from this one."""
    place = DATES.index(day)
    return DATES[place : place + n]


def ill(*runs: tuple[date, int]) -> list:
    return [(day, session) for first, n in runs for day in after(first, n) for session in Session]


def marked(days: list[date], letters: str) -> list:
    return [
        (day, session, code_for(letter, day).number)
        for day in days
        for session, letter in zip(Session, letters.split(), strict=True)
        if letter != "."
    ]


@pytest.mark.parametrize(
    ("day", "due"),
    [
        pytest.param(date(2025, 3, 3), date(2025, 3, 10), id="over a weekend"),
        pytest.param(date(2025, 2, 10), date(2025, 2, 24), id="over half-term"),
        pytest.param(date(2024, 12, 18), date(2025, 1, 8), id="over the year's end"),
        pytest.param(date(2025, 3, 27), date(2025, 4, 3), id="over the change to summer time"),
        pytest.param(date(2025, 5, 1), date(2025, 5, 9), id="over a bank holiday"),
        pytest.param(date(2025, 7, 22), None, id="the calendar ends"),
    ],
)
def test_n_has_five_school_days(day: date, due: date | None) -> None:
    clock = clocks.no_reason(day, DATES)
    assert (clock.start, clock.due) == (day, due)
    if due:
        assert [clock.state(due + timedelta(n)) for n in (-1, 0, 1)] == ["", "soon", "overdue"]


@pytest.mark.parametrize(
    ("days", "letters", "length"),
    [
        (after(date(2025, 3, 3), 5), "N N", 5),
        (after(date(2025, 2, 13), 4), "G O", 4),  # the half-term between does not break it
        (after(date(2025, 3, 3), 5), "N /", 0),
        (after(date(2025, 3, 3), 5), "U .", 5),  # half marked: judged by the marked half
        (after(date(2025, 3, 3), 5), "Y4 Y4", 0),  # no possible session
    ],
)
def test_a_run_without_authority(days: list[date], letters: str, length: int) -> None:
    assert len(clocks.run_without_authority(marked(days, letters))) == length


def test_a_run_starts_after_the_last_day_that_breaks_it() -> None:
    days = after(date(2025, 3, 3), 5)
    marks = [*marked(days[:2], "N N"), *marked(days[2:3], "I I"), *marked(days[3:], "N N")]
    assert clocks.run_without_authority(marks) == days[3:]


@pytest.mark.parametrize(
    ("start", "length", "reached", "due"),
    [
        pytest.param(date(2025, 3, 3), 5, None, None, id="not shown yet"),
        pytest.param(date(2025, 3, 3), 9, False, date(2025, 3, 14), id="nine days: the tenth is named"),
        pytest.param(date(2025, 3, 3), 10, True, date(2025, 3, 31), id="ten days: by the month's end"),
        pytest.param(date(2025, 2, 6), 9, False, date(2025, 2, 26), id="nine over half-term"),
        pytest.param(date(2025, 2, 6), 10, True, date(2025, 2, 28), id="ten over half-term"),
        pytest.param(date(2024, 12, 11), 10, True, date(2025, 1, 31), id="over the year's end"),
        pytest.param(date(2025, 3, 17), 13, True, date(2025, 3, 31), id="March is still to be told in April"),
        pytest.param(date(2025, 3, 19), 10, True, date(2025, 4, 30), id="ten over the change to summer time"),
        pytest.param(date(2025, 7, 15), 6, False, None, id="the calendar ends"),
    ],
)
def test_ten_school_days_without_authority(start: date, length: int, reached: bool | None, due: date | None) -> None:
    clock = clocks.attendance_return(after(start, length), DATES)
    assert (clock and clock.is_reached, clock and clock.due) == (reached, due)


@pytest.mark.parametrize(
    ("length", "returned", "occasion", "due"),
    [
        pytest.param(21, None, "2025-03-03/2025-03", date(2025, 3, 31), id="the month of the tenth day"),
        pytest.param(21, date(2025, 3, 7), "2025-03-03/2025-03", date(2025, 3, 31), id="told before the tenth day"),
        pytest.param(21, date(2025, 3, 14), None, None, id="told on the tenth day"),
        pytest.param(22, date(2025, 3, 14), "2025-03-03/2025-04", date(2025, 4, 30), id="each month again"),
        pytest.param(22, date(2025, 4, 1), None, None, id="told in April, late: for March and April"),
    ],
)
def test_each_month_of_an_absence_is_an_occasion(
    length: int, returned: date | None, occasion: str | None, due: date | None
) -> None:
    clock = clocks.attendance_return(after(date(2025, 3, 3), length), DATES, returned=returned)
    assert (clock and clock.occasion, clock and clock.due) == (occasion, due)


@pytest.mark.parametrize(
    ("day", "interval", "first", "last"),
    [
        pytest.param(date(2025, 3, 31), Interval.MONTH, date(2025, 3, 1), date(2025, 3, 31), id="a month's last day"),
        pytest.param(
            date(2025, 4, 1), Interval.MONTH, date(2025, 4, 1), date(2025, 4, 30), id="the next month's first"
        ),
        pytest.param(date(2024, 2, 29), Interval.MONTH, date(2024, 2, 1), date(2024, 2, 29), id="a leap year"),
        pytest.param(date(2025, 3, 15), Interval.HALF_MONTH, date(2025, 3, 1), date(2025, 3, 15), id="the 15th"),
        pytest.param(date(2025, 3, 16), Interval.HALF_MONTH, date(2025, 3, 16), date(2025, 3, 31), id="the 16th"),
        pytest.param(
            date(2025, 3, 30), Interval.WEEK, date(2025, 3, 24), date(2025, 3, 30), id="the change of the clock"
        ),
        pytest.param(date(2025, 1, 1), Interval.WEEK, date(2024, 12, 30), date(2025, 1, 5), id="over the year's end"),
    ],
)
def test_the_stretch_of_one_return(day: date, interval: Interval, first: date, last: date) -> None:
    assert clocks.period_of(day, interval) == (first, last)


def sessions(*days: date) -> list[date]:
    return [day for day in days for _ in Session]


@pytest.mark.parametrize(
    ("days", "returned", "occasion", "due"),
    [
        pytest.param(sessions(*after(date(2025, 3, 3), 5))[:-1], None, None, None, id="nine sessions"),
        pytest.param(sessions(*after(date(2025, 3, 3), 5)), None, "2025-03", date(2025, 3, 31), id="ten sessions"),
        pytest.param(sessions(*after(date(2025, 3, 26), 5)), None, "2025-04", date(2025, 4, 30), id="ten in April"),
        pytest.param(
            sessions(*after(date(2025, 3, 3), 5), date(2025, 4, 1)),
            None, "2025-04", date(2025, 3, 31), id="March is still to be told in April",
        ),
        pytest.param(sessions(*after(date(2025, 3, 3), 5)), date(2025, 3, 3), None, None, id="told this month"),
        pytest.param(
            sessions(*after(date(2025, 3, 3), 5)),
            date(2025, 2, 28), "2025-03", date(2025, 3, 31), id="told of another month",
        ),
        pytest.param(
            sessions(*after(date(2025, 3, 3), 5), date(2025, 4, 1)),
            date(2025, 3, 31), "2025-04", date(2025, 4, 30), id="again, as it goes on",
        ),
        pytest.param(
            sessions(*after(date(2025, 3, 3), 5)), date(2025, 4, 1), None, None, id="no more of it since",
        ),
        pytest.param(
            [*sessions(date(2024, 12, 19), date(2024, 12, 20)), *sessions(*after(date(2025, 1, 6), 3))],
            None, "2025-01", date(2025, 1, 31), id="over the year's end",
        ),
    ],
)  # fmt: skip
def test_who_fails_to_attend_regularly(
    days: list[date], returned: date | None, occasion: str | None, due: date | None
) -> None:
    clock = clocks.irregular(days, least=10, returned=returned)
    assert (clock and clock.occasion, clock and clock.due) == (occasion, due)


def test_what_was_agreed_with_the_authority_holds() -> None:
    days = sessions(*after(date(2025, 3, 3), 5))
    assert clocks.irregular(days, least=11) is None
    assert clocks.irregular(days, Interval.WEEK, least=10).due == date(2025, 3, 9)
    assert clocks.attendance_return(after(date(2025, 3, 3), 10), DATES, Interval.HALF_MONTH).due == date(2025, 3, 15)


@pytest.mark.parametrize(
    ("sessions", "occasions"),
    [
        pytest.param(ill((date(2025, 1, 6), 15))[:-1], [], id="fourteen and a half days"),
        pytest.param(ill((date(2025, 1, 6), 15)), ["2025-01-06"], id="fifteen days"),
        pytest.param(ill((date(2025, 2, 3), 15)), ["2025-02-03"], id="over half-term"),
        pytest.param(ill((date(2024, 12, 16), 15)), ["2024-12-16"], id="over the year's end"),
        pytest.param(ill((date(2025, 3, 17), 14)), [], id="fourteen over the change to summer time"),
        pytest.param(ill((date(2025, 3, 17), 15)), ["2025-03-17"], id="fifteen over the change to summer time"),
        pytest.param(ill((date(2024, 12, 16), 22)), ["2024-12-16"], id="one illness goes on: once"),
        pytest.param(ill((date(2025, 1, 6), 8), (date(2025, 3, 3), 6)), [], id="fourteen days together"),
        pytest.param(ill((date(2025, 1, 6), 8), (date(2025, 3, 3), 7)), ["2024-08-01"], id="fifteen days together"),
        pytest.param(
            ill((date(2024, 9, 9), 15), (date(2025, 1, 6), 15)), ["2024-09-09", "2025-01-06"], id="once an illness"
        ),
    ],
)
def test_fifteen_days_of_illness(sessions: list, occasions: list[str]) -> None:
    found = clocks.sickness_return(sessions, DATES, year_began=date(2024, 8, 1), today=date(2025, 3, 31))
    assert [clock.occasion for clock in found] == occasions


def test_illness_that_is_expected_to_last_is_returned_before_the_fifteenth_day() -> None:
    today = date(2025, 1, 10)
    [clock] = clocks.sickness_return(
        ill((date(2025, 1, 6), 15)), DATES, year_began=date(2024, 8, 1), today=today
    )  # fmt: skip
    assert (clock.due, "10 school days of them expected" in clock.sentence) == (today, True)


@pytest.mark.parametrize(
    ("admitted", "junior", "due"),
    [
        pytest.param(date(2025, 3, 5), False, date(2025, 3, 10), id="calendar days, over a weekend"),
        pytest.param(date(2025, 3, 27), False, date(2025, 4, 1), id="over the change to summer time"),
        pytest.param(date(2024, 12, 30), False, date(2025, 1, 4), id="over the year's end"),
        pytest.param(date(2024, 9, 4), True, None, id="most junior, first day of the year"),
        pytest.param(date(2024, 9, 5), True, date(2024, 9, 10), id="most junior, a day later"),
        pytest.param(date(2024, 9, 4), False, date(2024, 9, 9), id="another class, first day of the year"),
    ],
)
def test_a_new_pupil_is_told_within_five_days(admitted: date, junior: bool, due: date | None) -> None:
    clock = clocks.new_pupil(admitted, is_most_junior=junior, first_day_of_year=date(2024, 9, 4))
    assert (clock and clock.due) == due
    if due:
        assert [clock.state(due + timedelta(n)) for n in (0, 1)] == ["soon", "overdue"]


@pytest.mark.parametrize(
    ("leaving", "senior", "is_told"),
    [
        pytest.param(date(2024, 7, 22), True, True, id="a day before the last term ends"),
        pytest.param(date(2024, 7, 23), True, False, id="the last day of the last term"),
        pytest.param(date(2024, 8, 31), True, False, id="the summer after it"),
        pytest.param(date(2024, 9, 4), True, True, id="the next year has begun"),
        pytest.param(date(2024, 7, 23), False, True, id="not the most senior class"),
        pytest.param(date(2024, 12, 20), True, True, id="the end of another term"),
        pytest.param(date(2025, 7, 22), True, False, id="the calendar ends"),
    ],
)
def test_a_deletion_is_told_by_the_last_day_on_roll(leaving: date, senior: bool, is_told: bool) -> None:
    clock = clocks.deletion(leaving, ground="a", meaning="Another school", is_most_senior=senior, days=DATES)
    assert (clock.due if clock else None) == (leaving if is_told else None)


@pytest.mark.parametrize(
    ("start", "length", "reached", "due"),
    [
        pytest.param(date(2025, 3, 3), 14, None, None, id="not shown yet"),
        pytest.param(date(2025, 3, 3), 19, False, date(2025, 3, 28), id="nineteen: the twentieth is named"),
        pytest.param(date(2025, 3, 3), 20, True, date(2025, 3, 28), id="twenty"),
        pytest.param(date(2025, 2, 3), 20, True, date(2025, 3, 7), id="twenty over half-term"),
        pytest.param(date(2025, 3, 10), 20, True, date(2025, 4, 4), id="twenty over summer time"),
        pytest.param(date(2024, 12, 9), 19, False, date(2025, 1, 17), id="nineteen over the year's end"),
        pytest.param(date(2024, 12, 9), 20, True, date(2025, 1, 17), id="twenty over the year's end"),
    ],
)
def test_twenty_school_days_without_trace(start: date, length: int, reached: bool | None, due: date | None) -> None:
    clock = clocks.ground_i(after(start, length), DATES)
    assert (clock and clock.is_reached, clock and clock.due) == (reached, due)


@pytest.mark.parametrize(
    ("days", "sixth"),
    [
        pytest.param(after(date(2025, 3, 3), 5), [], id="five"),
        pytest.param(after(date(2025, 3, 3), 6), [date(2025, 3, 10)], id="six, over a weekend"),
        pytest.param(after(date(2025, 2, 11), 6), [date(2025, 2, 25)], id="six, over half-term"),
        pytest.param(after(date(2024, 12, 17), 6), [date(2025, 1, 7)], id="six, over the year's end"),
        pytest.param(after(date(2025, 3, 27), 6), [date(2025, 4, 3)], id="six, over the change to summer time"),
        pytest.param([*after(date(2025, 3, 3), 5), *after(date(2025, 3, 11), 5)], [], id="a day between"),
    ],
)
def test_the_sixth_day_of_an_exclusion(days: list[date], sixth: list[date]) -> None:
    assert [clock.due for clock in clocks.exclusion(days, DATES, date(2025, 3, 3))] == sixth


@pytest.mark.parametrize(
    ("day", "states"),
    [
        pytest.param(date(2025, 3, 7), ["", "soon", "overdue"], id="a Friday: late on Saturday"),
        pytest.param(date(2025, 2, 14), ["", "soon", "overdue"], id="the day before half-term"),
        pytest.param(date(2024, 12, 31), ["", "soon", "overdue"], id="the year's last day"),
        pytest.param(date(2025, 3, 30), ["", "soon", "overdue"], id="the change to summer time"),
    ],
)
def test_what_is_due_on_its_own_day(day: date, states: list[str]) -> None:
    told = [
        clocks.worker_told(Kind.SOCIAL, day, "Ms Silva"),
        clocks.worker_told_of_deletion(day, "Ms Silva"),
        clocks.deletion(day, ground="a", meaning="Another school", is_most_senior=False, days=DATES),
        clocks.part_time_told(7, day, date(2025, 4, 4)),
        clocks.part_time_review(7, date(2024, 12, 2), date(2025, 4, 4), day),
        clocks.missing_register("3A", day, AM),
    ]
    for clock in told:
        assert [clock.state(day + timedelta(n)) for n in (-1, 0, 1)] == states


def test_every_kind_says_its_source() -> None:
    assert set(clocks.RULES) == set(Kind)
