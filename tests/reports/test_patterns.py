"""Patterns are told when the evidence is enough, and not before."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registers import codes
from registers.calendar_rules import Session
from registers.models import Mark, SchoolDay
from reports.patterns import Slot, edges_of_holidays, find, stands_out
from reports.querysets.days import counts_by_day, counts_of_part, slots_by_day, slots_of
from reports.ranges import Part

# Sixty school days: twelve weeks from Monday 2 September 2024, the ninth week a holiday.
MONDAY = date(2024, 9, 2)
WEEKS = [MONDAY + timedelta(weeks=n) for n in range(13) if n != 8]
DAYS = [monday + timedelta(n) for monday in WEEKS for n in range(5)]


def slots(missed, halves=(1, 2), late=None):
    late = late or {}
    return [
        Slot(day, session, 1, int(day in missed and session in halves), int(session == 1 and day in late),
             late.get(day, 0) if session == 1 else 0, int(day in missed and halves == (session,)))
        for day in DAYS
        for session in (1, 2)
    ]  # fmt: skip


def kinds(*args, **options):
    return {pattern.kind for pattern in find(*args, DAYS, **options)}


def sentences(*args, **options):
    return [pattern.sentence for pattern in find(*args, DAYS, **options)]


FRIDAYS = [monday + timedelta(4) for monday in WEEKS]
TUESDAYS = [monday + timedelta(1) for monday in WEEKS]


def test_a_weekday():
    said = sentences(slots(FRIDAYS[2:9]))
    assert "Fridays: 7 of 7 days missed (about 1 would be expected)." in said
    assert "Single days: 7 of 7 absences were of one day alone." in said


def test_next_to_weekends_when_neither_day_stands_out_alone():
    missed = [*FRIDAYS[2:6], *WEEKS[3:6], WEEKS[9], TUESDAYS[1]]
    assert "weekend" in kinds(slots(missed))
    assert "weekday" not in kinds(slots(missed))


def test_halves_of_the_day_only_where_one_half_was_missed():
    assert "Afternoons: 9 of 9 half days missed." in sentences(slots(DAYS[10:46:4], halves=(2,)))
    assert "session" not in kinds(slots(DAYS[10:46:4]))


def test_the_edges_of_holidays():
    before, after = date(2024, 10, 25), date(2024, 11, 4)
    assert edges_of_holidays(DAYS) == ({before}, {after})

    def told(missed):
        pupils = [Slot(day, s, 30, missed.get(day, 1)) for day in DAYS for s in (1, 2)]
        return [each for each in sentences(pupils, of_one=False) if "holidays" in each]

    first, last = (
        "Before holidays: 6 of {} days missed were the last before one (about 1 would be expected).",
        "After holidays: 6 of {} days missed were the first after one (about 1 would be expected).",
    )
    assert told({before: 6}) == [first.format(65)]
    assert told({after: 6}) == [last.format(65)]
    assert told({before: 6, after: 6}) == [first.format(70), last.format(70)]
    few = {day: 0 for n, day in enumerate(DAYS) if n % 2} | {before: 3, after: 3}
    [both] = told(few)
    assert both.startswith("Next to holidays: 6 of 35 days missed"), "neither is enough alone"


def test_broken_weeks_first_weeks_and_siblings():
    missed = [DAYS[1], DAYS[3], *(monday + timedelta(n % 5) for n, monday in enumerate(WEEKS[2:]))]
    said = sentences(slots(missed), siblings={"Jack Ahmed": missed[:8]})
    assert "Broken weeks: something missed in 11 of 12 school weeks." in said
    assert "First weeks: 2 of the first 10 days missed." in said
    assert "first_weeks" not in kinds(slots(missed), from_start=False)
    assert "Siblings: Jack Ahmed was away too on 8 of 12 days missed." in said


def test_lateness_by_weekday_with_its_minutes():
    assert "Late on Tuesdays: 6 of 6 times late, 60 minutes lost." in sentences(
        slots([], late=dict.fromkeys(TUESDAYS[:6], 10))
    )


@pytest.mark.parametrize(
    ("inside", "among", "part", "whole", "told"),
    [(3, 3, 12, 60, False), (4, 4, 12, 60, True), (4, 8, 12, 60, False), (7, 12, 12, 60, True),
     (290, 1000, 400, 2000, False), (300, 1000, 400, 2000, True), (6, 6, 60, 60, False), (4, 4, 0, 60, False)],
)  # fmt: skip
def test_the_rule(inside, among, part, whole, told):
    assert stands_out(inside, among, part, whole) is told


def test_nothing_is_told_of_one_long_illness():
    assert kinds(slots(DAYS[20:30])) == set()


# Half days of many, in the database: weeks about the change of codes and of February 2021, when X counted as possible.
FIRSTS = [date(2024, 8, 12), date(2021, 2, 1)]
LETTERS = "/LVIOGNXDX"


@pytest.fixture
def two_summers(cast):
    """Every weekday is a school day; no afternoon on Fridays."""
    days = [first + timedelta(n) for first in FIRSTS for n in range(14)]
    SchoolDay.objects.filter(day__in=days).delete()
    SchoolDay.objects.bulk_create(
        SchoolDay(school=cast.school, day=day, am=True, pm=day.weekday() != 4, half_term=1, academic_year=2024)
        for day in days
        if day.weekday() < 5
    )
    for pupil in cast.pupils:
        pupil.registrations.update(admission_date=date(2020, 9, 1))
    return cast


a_register = st.dictionaries(
    st.tuples(st.integers(0, 13), st.sampled_from(Session)), st.sampled_from(LETTERS), max_size=28
)


@pytest.mark.django_db
@settings(max_examples=25)
@given(registers=st.lists(a_register, min_size=1, max_size=5), first=st.sampled_from(FIRSTS))
def test_the_half_days_of_the_pupils_are_those_of_all(two_summers, registers, first):
    """By the register of each child read by hand: a half is missed, the other could be attended and was not missed."""
    Mark.objects.all().delete()
    expected = {}
    last = first + timedelta(13)
    for pupil, register in zip(two_summers.pupils, registers, strict=False):
        held = {}
        for (n, session), letter in register.items():
            day = first + timedelta(n)
            code = codes.code_for(letter, day)
            Mark.objects.create(
                school=pupil.school, pupil=pupil, day=day, session=session, entry_id=1, code=code.number
            )
            if day.weekday() < 4 or (day.weekday() == 4 and session is Session.AM):
                possible = code.number in codes.POSSIBLE or (
                    code.number == codes.PLAIN_X_2006
                    and day.year == 2021
                    and pupil.compulsory_from <= day <= pupil.compulsory_until
                )
                held[day, session] = (possible, code.number in codes.ABSENT)
        for (day, session), (_, is_absent) in held.items():
            could, missed = held.get((day, Session(3 - session)), (False, False))
            if is_absent and could and not missed:
                expected[pupil.pk, day, session] = 1
    of_all = {(s.day, s.session): s.halves for s in slots_by_day(counts_by_day(first, last, for_patterns=True))}
    ids = [pupil.pk for pupil in two_summers.pupils]
    assert expected == {
        (pk, slot.day, slot.session): 1
        for pk, found in slots_of(first, last, ids).items()
        for slot in found
        if slot.halves
    }
    for session in Session:
        days = {day for (day, half), count in of_all.items() if half == session and count}
        told = sum(of_all[day, session] for day in days)
        listed = counts_of_part(Part(first, last, session=session, days=frozenset(days)))
        assert {pk: each.absence for pk, each in listed.items()} == {
            pk: sum(who == pk and half == session for who, _, half in expected)
            for pk in {who for who, _, half in expected if half == session}
        }
        assert told == sum(each.absence for each in listed.values())
