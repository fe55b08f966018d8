"""Groups added up by SQL: equal to the pure sums on random registers over both code sets, in one query."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registers import codes
from registers.calendar_rules import Session
from registers.models import Mark, SchoolDay
from registers.sums import sums
from reports.groups import EVERYBODY, FAMILIES, FLAGS, collect, every_group
from reports.querysets.sums import sums_by, sums_by_each, sums_of_groups

pytestmark = pytest.mark.django_db

# The code sets change on 19 August 2024; school days of July and September, and of the weeks between.
FIRST = date(2024, 7, 15)
OLD = [code for code in codes.CODES if code.in_force(FIRST)]
NEW = [code for code in codes.CODES if code.in_force(date(2024, 9, 2))]
days = st.integers(0, 55).map(lambda n: FIRST + timedelta(n))
marks = st.dictionaries(st.tuples(days, st.sampled_from(Session)), st.integers(0, 999), max_size=40)
yes_no = st.sampled_from([True, False, None])
a_pupil = st.fixed_dictionaries(
    {
        "sex": st.sampled_from("FM"),
        "sen_status": st.sampled_from(["", "N", "K", "E"]),
        "ethnicity": st.sampled_from(["", "White British", "Black African"]),
        "year_group": st.sampled_from(["R", "3", "11"]),
        "boarder": yes_no,
        "social_worker": st.sampled_from(["", "Worker A"]),
        "date_of_birth": st.sampled_from([date(2008, 8, 31), date(2008, 9, 1), date(2018, 8, 31), date(2018, 9, 1)]),
        **{flag: yes_no for flag in FLAGS if flag != "social_worker"},
    }
)


@settings(max_examples=20)
@given(
    school=st.lists(st.tuples(a_pupil, marks), min_size=1, max_size=5),
    first=days,
    last=days,
    families=st.lists(st.sampled_from([*FAMILIES]), unique=True, max_size=3),
    cohort_only=st.booleans(),
)
def test_the_sql_equals_the_pure_sums(summer, school, first, last, families, cohort_only):
    first, last = min(first, last), max(first, last)
    Mark.objects.all().delete()
    for pupil, (facts, register) in zip(summer.pupils, school, strict=False):
        for name, value in facts.items():
            setattr(pupil, name, value)
        pupil.save()
        Mark.objects.bulk_create(
            Mark(
                school=pupil.school, pupil=pupil, day=day, session=session, entry_id=1,
                code=(in_force := OLD if day < date(2024, 8, 19) else NEW)[n % len(in_force)].number,
            )
            for (day, session), n in register.items()
        )  # fmt: skip
    pupils = sums(first, last)
    keys = every_group(pupils, *families)
    expected = collect(pupils, keys, cohort_only=cohort_only)
    assert sums_by(first, last, *families, cohort_only=cohort_only) == expected
    assert sums_of_groups(first, last, keys, cohort_only=cohort_only) == expected
    every = [EVERYBODY, *(key for family in FAMILIES for key in every_group(pupils, family))]
    assert sums_by_each(first, last, cohort_only=cohort_only) == collect(pupils, every, cohort_only=cohort_only)


def test_one_query_whatever_is_asked(cast, django_assert_num_queries):
    first, last = date(2024, 9, 4), date(2025, 3, 11)
    with django_assert_num_queries(1):
        every = sums_by_each(first, last)
    with django_assert_num_queries(1):
        crossed = sums_by(first, last, "year", "sex")
    assert (every[EVERYBODY].pupils, every["year:3",].pupils, crossed["year:4", "sex:F"].pupils) == (7, 5, 2)


@pytest.fixture
def summer(cast):
    """Every weekday a school day, the holidays too."""
    SchoolDay.objects.all().delete()
    weekdays = [d for d in (FIRST + timedelta(n) for n in range(56)) if d.weekday() < 5]
    SchoolDay.objects.bulk_create(
        SchoolDay(school=cast.school, day=d, am=True, pm=d.weekday() != 4, half_term=1, academic_year=2024)
        for d in weekdays
    )
    return cast
