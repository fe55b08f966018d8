"""The measures, corner by corner (domain/policies.md)."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.measures import (
    MEASURES,
    UNAUTHORISED,
    UNEXPLAINED,
    Measures,
    Tally,
    measures,
    ranges_on,
    run_days,
    two_decimals,
)
from registers import codes
from registers.calendar_rules import Kind, Period, half_terms, school_days
from tests.casework.a_pupil import DATES, DAYS, days_of, marked, measured, pupil, ranges

THURSDAY = date(2024, 9, 5)


def runs(marks: list, on: date, **values: object) -> tuple[int, int]:
    found = measured(marks, on, **values)
    return found.unexplained_days, found.unauthorised_days


@pytest.mark.parametrize(
    ("marks", "on", "expected"),
    [
        pytest.param(marked(sep_5_2024="N N"), THURSDAY, (1, 1), id="one day"),
        pytest.param(marked(sep_4_2024="N O", sep_5_2024="O N"), THURSDAY, (2, 2), id="N and O mix"),
        pytest.param(marked(sep_4_2024="G U", sep_5_2024="N N"), THURSDAY, (1, 2), id="G and U are unauthorised only"),
        pytest.param(marked(sep_4_2024="N N", sep_5_2024=r"N \\"[:3]), THURSDAY, (0, 0), id="present pm breaks today"),
        pytest.param(marked(sep_4_2024="N N", sep_5_2024="/ N"), THURSDAY, (0, 0), id="present am breaks today"),
        pytest.param(marked(sep_4_2024="/ N", sep_5_2024="N N"), THURSDAY, (1, 1), id="half a day earlier breaks"),
        pytest.param(marked(sep_4_2024="N N", sep_5_2024="N I"), THURSDAY, (0, 0), id="authorised absence breaks"),
        pytest.param(marked(sep_4_2024="N .", sep_5_2024=". N"), THURSDAY, (2, 2), id="half-marked days by their half"),
        pytest.param(marked(sep_4_2024="N D", sep_5_2024="X N"), THURSDAY, (2, 2), id="D and X halves passed over"),
        pytest.param(marked(sep_4_2024="N N", sep_5_2024="Y1 Y1"), THURSDAY, (1, 1), id="a Y day passed over"),
        pytest.param(marked(sep_4_2024="N N"), THURSDAY, (1, 1), id="an unmarked day passed over"),
        pytest.param(marked(sep_4_2024="N N", sep_5_2024="/ ."), THURSDAY, (0, 0), id="half-marked present breaks"),
        pytest.param(
            marked(sep_4_2024="N N", sep_5_2024="D D", sep_6_2024="N N"), date(2024, 9, 6), (2, 2), id="D day between"
        ),
        pytest.param(marked(sep_4_2024="N N"), date(2024, 9, 8), (1, 1), id="on a Sunday: from Friday back"),
        pytest.param(days_of("N N", date(2024, 10, 24), 4), date(2024, 11, 5), (4, 4), id="across a half-term break"),
        pytest.param(days_of("O O", date(2024, 12, 19), 3), date(2025, 1, 6), (3, 3), id="across terms"),
        pytest.param(days_of("O O", date(2024, 7, 22), 4), THURSDAY, (4, 4), id="across academic years"),
        pytest.param(days_of("N N", date(2024, 9, 4), 2), date(2024, 8, 1), (0, 0), id="nothing after the day"),
        pytest.param([], THURSDAY, (0, 0), id="no mark at all"),
    ],
)
def test_runs(marks: list, on: date, expected: tuple[int, int]) -> None:
    assert runs(marks, on) == expected


def test_a_run_of_somebody_who_left_and_came_back_steps_over_the_time_away() -> None:
    spells = ((date(2023, 9, 4), date(2024, 6, 7)), (date(2024, 9, 4), None))
    marks = marked(jun_6_2024="/ \\", jun_7_2024="N N", sep_4_2024="N N", sep_5_2024="N N")
    assert runs(marks, THURSDAY, spells=spells) == (3, 3)


def test_marks_outside_the_spells_on_roll_count_nowhere() -> None:
    spells = ((date(2024, 9, 5), date(2024, 9, 5)),)
    found = measured(marked(sep_4_2024="N N", sep_5_2024="O O", sep_6_2024="O O"), date(2024, 9, 6), spells=spells)
    assert (found.unauthorised, found.counted, found.unauthorised_days) == (2, 2, 1)


def test_a_run_shows_its_unmarked_sessions_and_the_days_passed_over() -> None:
    marks = marked(sep_4_2024="/ \\", sep_5_2024="N .", sep_6_2024="D D", sep_9_2024=". .", sep_10_2024="N N")
    shown = run_days(pupil(marks), DAYS, date(2024, 9, 10), UNEXPLAINED)
    assert [(each.day.day, each.counts, each.unmarked) for each in shown] == [
        (5, True, (2,)),
        (6, False, ()),
        (9, False, (1, 2)),
        (10, True, ()),
    ]
    assert run_days(pupil(marked(sep_4_2024="/ \\")), DAYS, THURSDAY, UNEXPLAINED) == []


@given(
    letters=st.lists(
        st.lists(st.sampled_from(["/", "N", "O", "G", "U", "I", "D", "Y1", "L", "."]), min_size=2, max_size=2)
    ),
    run_codes=st.sampled_from([UNEXPLAINED, UNAUTHORISED]),
)
def test_the_run_counted_is_the_run_shown(letters: list[list[str]], run_codes: frozenset[int]) -> None:
    dates = [day for day in DATES if day >= date(2024, 9, 4)][: len(letters)]
    marks = [
        (day, number, codes.code_for("\\" if letter == "/" and number == 2 else letter, day).number)
        for day, pair in zip(dates, letters, strict=False)
        for number, letter in enumerate(pair, 1)
        if letter != "."
    ]
    facts, on = pupil(marks), dates[-1] if dates else THURSDAY
    shown = run_days(facts, DAYS, on, run_codes)
    assert Tally(facts).run(run_codes, on) == sum(each.counts for each in shown)


LETTERS = ["/", "L", "N", "O", "G", "U", "I", "M", "D", "X", "."]


@pytest.mark.parametrize("measure", MEASURES)
@given(
    letters=st.lists(st.lists(st.sampled_from(LETTERS), min_size=2, max_size=2), max_size=70),
    count_n=st.booleans(),
    began=st.sampled_from([date(2015, 9, 1), date(2024, 9, 16)]),
    of_age=st.sampled_from([date(2015, 8, 31), date(2024, 9, 30)]),
)
def test_what_is_listed_adds_up_to_the_measure(
    measure: str, letters: list[list[str]], count_n: bool, began: date, of_age: date
) -> None:
    dates = [day for day in DATES if day >= date(2024, 7, 15)][: len(letters)]
    marks = [
        (day, number, codes.code_for("\\" if letter == "/" and number == 2 else letter, day).number)
        for day, pair in zip(dates, letters, strict=True)
        for number, letter in enumerate(pair, 1)
        if letter != "."
    ]
    tally = Tally(pupil(marks, spells=((began, None),), compulsory=(of_age, date(2026, 6, 26))))
    ranged = ranges(dates[-1] if dates else THURSDAY)
    found = tally.on(ranged, count_n=count_n)
    behind = tally.behind(measure, ranged, count_n=count_n)
    value, listed = found.value(measure), [code for _, _, code in behind.listed]
    assert all(behind.first <= day <= behind.last for day, _, _ in behind.known)
    match MEASURES[measure].unit:
        case "per cent" if value is None:
            assert not listed
        case "per cent" if measure == "attendance_percent_this_year":
            assert (found.possible - len(listed)) * 100 == value * found.possible
        case "per cent":
            assert sum(code in UNAUTHORISED for code in listed) * 100 == value * len(listed)
        case "days" if MEASURES[measure].reach == "run":
            assert len({day for day, _, _ in behind.listed}) == value
        case "days":
            assert Fraction(len(listed), 2) == value
        case _:
            assert len(listed) == value


def test_the_year_begins_on_1_august_and_ends_with_the_day() -> None:
    marks = days_of("I I", date(2024, 7, 22), 2) + days_of("O /", date(2024, 9, 4), 3)
    found = measured([m if m[2] != 101 or m[1] == 1 else (m[0], 2, 102) for m in marks], date(2024, 9, 5))
    assert (found.illness, found.unauthorised, found.attended, found.possible) == (0, 2, 2, 4)
    assert found.value("attendance_percent_this_year") == 50


@pytest.mark.parametrize(
    ("attended", "absent", "persistent", "severe"), [(1, 1, True, True), (501, 499, True, False), (9, 1, True, False)]
)
def test_fifty_and_ninety_per_cent_are_exact(attended: int, absent: int, persistent: bool, severe: bool) -> None:
    percent = Measures(attended=attended, authorised=absent).value("attendance_percent_this_year")
    assert ((percent <= 90), (percent <= 50)) == (persistent, severe)


def test_no_value_without_something_to_divide_by() -> None:
    assert Measures().value("attendance_percent_this_year") is None
    assert Measures(attended=3).value("unauthorised_share_of_absence_percent") is None
    assert Measures().value("days_absent_this_year") == 0


def test_half_days_of_absence_and_illness() -> None:
    found = measured(marked(sep_4_2024="I I", sep_5_2024="I ."), THURSDAY)
    assert found.value("illness_days_this_year") == Fraction(3, 2)
    assert found.value("days_absent_this_year") == Fraction(3, 2)


LATE = days_of("L L", date(2024, 10, 24), 2) + days_of("L \\", date(2024, 11, 4), 1)


@pytest.mark.parametrize(
    ("on", "late"),
    [
        pytest.param(date(2024, 10, 25), 4, id="in HT1"),
        pytest.param(date(2024, 10, 30), 4, id="in the holiday: the half-term begun before it"),
        pytest.param(date(2024, 11, 3), 4, id="the day before HT2"),
        pytest.param(date(2024, 11, 4), 1, id="the first day of HT2"),
        pytest.param(date(2024, 9, 2), 0, id="an INSET day that begins a half-term"),
        pytest.param(date(2023, 8, 1), 0, id="before the calendar"),
    ],
)
def test_late_marks_of_the_half_term(on: date, late: int) -> None:
    assert measured(LATE, on).late == late


def test_an_inset_day_that_begins_a_half_term_leaves_the_old_lates_behind() -> None:
    assert measured(days_of("L L", date(2024, 7, 22), 2), date(2024, 9, 2)).late == 0
    assert measured(days_of("L L", date(2024, 7, 22), 2), date(2024, 9, 1)).late == 4


# The window of ten school weeks


def test_the_window_straddles_the_summer_and_skips_weeks_without_a_session() -> None:
    found = ranges(date(2024, 9, 6))
    assert found.window == date(2024, 5, 20)
    marks = marked(jul_22_2024="O O") + days_of("O O", date(2024, 9, 4), 3) + marked(may_17_2024="O O")
    assert measured(marks, date(2024, 9, 6)).counted == 8  # 2 in summer + 6 in autumn; 17 May has fallen out


def test_the_window_skips_a_closed_week() -> None:
    assert ranges(date(2024, 12, 20)).window == date(2024, 9, 30)


def test_the_window_ends_on_the_day_even_within_a_holiday() -> None:
    assert ranges(date(2025, 4, 8)).window == ranges(date(2025, 4, 4)).window == date(2025, 1, 20)


def test_compulsory_age_bounds_the_count() -> None:
    marks = days_of("O O", date(2024, 6, 27), 4)
    on = date(2024, 7, 5)
    leaving = (date(2013, 8, 31), date(2024, 6, 28))
    assert measured(marks, on, compulsory=leaving).counted == 4  # Thursday and the last Friday in June, inclusive
    starting = (date(2024, 7, 1), date(2035, 6, 29))
    assert measured(marks, on, compulsory=starting).counted == 4
    outside = (date(2025, 1, 1), date(2035, 6, 29))
    assert measured(marks, on, compulsory=outside).counted == 0


def test_n_is_provisional_unless_the_school_counts_it() -> None:
    facts = pupil(marked(sep_4_2024="N N", sep_5_2024="O U"))
    assert Tally(facts).in_window(ranges(THURSDAY)) == (2, 2)
    assert measures(facts, ranges(THURSDAY)).counted == 2
    assert measures(facts, ranges(THURSDAY), count_n=True).counted == 4


# Plain X of 2020-22


def test_plain_x_of_2020_22_is_possible_for_a_pupil_of_compulsory_age_only() -> None:
    periods = (Period(date(2021, 1, 4), date(2021, 2, 12), Kind.HT3),)
    days = [day.day for day in school_days(periods)]
    x, absent, here = (codes.code_for(letter, days[0]).number for letter in ("X", "N", "/"))
    marks = [(days[0], 1, here), (days[0], 2, x), (days[1], 1, absent), (days[1], 2, x), (days[2], 1, absent)]
    on_day = ranges_on(half_terms(periods), days, days[2])
    of_age = measures(pupil(marks), on_day)
    assert (of_age.possible, of_age.not_absent, of_age.attended, of_age.unexplained_days) == (5, 2, 1, 1)
    under_age = measures(pupil(marks, compulsory=(date(2022, 1, 1), date(2033, 6, 24))), on_day)
    assert (under_age.possible, under_age.not_absent, under_age.unexplained_days) == (3, 0, 2)


# Many days at once, and words


def test_one_tally_answers_every_day_as_the_marks_up_to_that_day_would() -> None:
    marks = sorted(days_of("N O", date(2024, 9, 4), 9) + days_of("L I", date(2024, 9, 17), 30))
    tally = Tally(pupil(marks))
    for on in (date(2024, 9, 1) + timedelta(days=n) for n in range(0, 90, 7)):
        assert tally.on(ranges(on)) == measured([mark for mark in marks if mark[0] <= on], on)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(90), "90"),
        (Fraction(9338, 100), "93.38"),
        (Fraction(945, 10), "94.5"),
        (Fraction(2, 3) * 100, "66.67"),
        (Fraction(1, 200), "0.01"),
        (Fraction(1, 201), "0"),
        (Fraction(0), "0"),
        (Fraction(100), "100"),
        (Fraction(5, 2), "2.5"),
    ],
)
def test_two_decimals_halves_up_without_trailing_zeros(value: Fraction, text: str) -> None:
    assert two_decimals(value) == text


def test_every_measure_says_a_value() -> None:
    assert MEASURES["days_absent_this_year"].say("1") == "missed 1 day this year"
    assert all("{" not in measure.say("2.5") for measure in MEASURES.values())
