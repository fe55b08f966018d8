from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registers.ages import (
    age_on,
    birthday,
    compulsory_school_age,
    last_friday_in_june,
    national_cohort,
    of_compulsory_age,
)

births = st.dates(date(1990, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("born", "start"),
    [
        pytest.param(date(2019, 2, 10), date(2024, 3, 31), id="6.8"),
        pytest.param(date(2019, 3, 31), date(2024, 3, 31), id="6.10 on the prescribed day"),
        pytest.param(date(2019, 4, 1), date(2024, 8, 31), id="6.10 the day after"),
        pytest.param(date(2019, 8, 31), date(2024, 8, 31), id="6.10 31 August"),
        pytest.param(date(2019, 9, 1), date(2024, 12, 31), id="6.10 1 September"),
        pytest.param(date(2019, 12, 31), date(2024, 12, 31), id="31 December"),
        pytest.param(date(2020, 1, 1), date(2025, 3, 31), id="6.10 1 January"),
        pytest.param(date(2020, 2, 29), date(2025, 3, 31), id="29 February"),
    ],
)
def test_compulsory_school_age_begins(born, start):
    assert compulsory_school_age(born)[0] == start
    assert of_compulsory_age(born, start)
    assert not of_compulsory_age(born, start - timedelta(1))


@pytest.mark.parametrize(
    ("born", "end"),
    [
        pytest.param(date(2007, 9, 23), date(2024, 6, 28), id="6.8"),
        pytest.param(date(2008, 8, 15), date(2024, 6, 28), id="16 in the August after"),
        pytest.param(date(2008, 8, 31), date(2024, 6, 28), id="youngest of the year"),
        pytest.param(date(2008, 9, 1), date(2025, 6, 27), id="oldest of the next"),
        pytest.param(date(2008, 2, 29), date(2024, 6, 28), id="29 February"),
    ],
)
def test_compulsory_school_age_ends(born, end):
    assert compulsory_school_age(born)[1] == end
    assert of_compulsory_age(born, end)
    assert not of_compulsory_age(born, end + timedelta(1))


@pytest.mark.parametrize(
    "day", [date(2024, 6, 28), date(2025, 6, 27), date(2026, 6, 26), date(2027, 6, 25), date(2028, 6, 30)]
)
def test_last_friday_in_june(day):
    assert last_friday_in_june(day.year) == day


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2019, 8, 31), date(2024, 8, 31), 5),
        (date(2019, 9, 1), date(2024, 8, 31), 4),
        (date(2020, 2, 29), date(2025, 2, 28), 4),
        (date(2020, 2, 29), date(2025, 3, 1), 5),
        (date(2020, 2, 29), date(2024, 2, 29), 4),
    ],
)
def test_age(born, day, age):
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("born", "inside"),
    [(date(2019, 8, 31), True), (date(2019, 9, 1), False), (date(2008, 9, 1), True), (date(2008, 8, 31), False)],
)
def test_national_cohort_is_5_to_15_on_31_august(born, inside):
    assert national_cohort(born, 2024) is inside


@given(births, st.integers(0, 20))
def test_age_changes_on_the_birthday(born, age):
    reached = birthday(born, age)
    assert age_on(born, reached) == age
    assert age_on(born, reached - timedelta(1)) == age - 1


@given(births)
def test_compulsory_age_begins_in_the_term_after_five_and_ends_around_sixteen(born):
    start, end = compulsory_school_age(born)
    assert birthday(born, 5) <= start < birthday(born, 5) + timedelta(155)
    assert 15 <= age_on(born, end) <= 16
    assert age_on(born, date(end.year, 8, 31)) == 16
