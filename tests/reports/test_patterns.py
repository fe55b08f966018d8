"""Patterns are told when the evidence is enough, and not before."""

from datetime import date, timedelta
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registers import codes
from registers.calendar_rules import Session
from registers.models import Mark, SchoolDay
from reports import patterns
from reports.finding import of_many
from reports.patterns import COUNTED, HOW, RULE, Pattern, Slot, edges_of_holidays, find, stands_out
from reports.querysets.days import counts_of_pattern, slots_by_day, slots_of

# Sixty school days: twelve weeks from Monday 2 September 2024, the ninth week a holiday.
MONDAY = date(2024, 9, 2)
WEEKS = [MONDAY + timedelta(weeks=n) for n in range(13) if n != 8]
DAYS = [monday + timedelta(n) for monday in WEEKS for n in range(5)]


def slots(missed, halves=(1, 2), late=None):
    late, found = late or {}, []
    for day in DAYS:
        for session in (1, 2):
            absent = int(day in missed and session in halves)
            is_late = int(session == 1 and day in late)
            found.append(
                Slot(day, session, 1, 1 - absent, absent, is_late, late[day] if is_late else 0,
                     absent * (halves == (session,)), int(session == 1), absent * (session == halves[0]))
            )  # fmt: skip
    return found


def kinds(*args, **options):
    return {pattern.kind for pattern in find(*args, DAYS, **options)}


def sentences(*args, **options):
    return [pattern.sentence for pattern in find(*args, DAYS, **options)]


FRIDAYS = [monday + timedelta(4) for monday in WEEKS]
TUESDAYS = [monday + timedelta(1) for monday in WEEKS]


def test_a_weekday():
    said = sentences(slots(FRIDAYS[2:9]))
    assert "Fridays: 7 of 7 days missed were Fridays (about 1 would be expected)." in said
    assert "Single days: 7 of 7 absences were of one day alone." in said


def test_next_to_weekends_when_neither_day_stands_out_alone():
    missed = [*FRIDAYS[2:6], *WEEKS[3:6], WEEKS[9], TUESDAYS[1]]
    assert "weekend" in kinds(slots(missed))
    assert "weekday" not in kinds(slots(missed))


def test_halves_of_the_day_only_where_one_half_was_missed():
    assert "Afternoons: 9 of 9 half days missed were afternoons." in sentences(slots(DAYS[10:46:4], halves=(2,)))
    assert "session" not in kinds(slots(DAYS[10:46:4]))


def test_a_pattern_of_one_half_holds_half_days_of_it_only():
    mornings = Pattern("session-AM", "", 4, 4, {MONDAY: 1}, Session.AM)
    half = Slot(MONDAY, Session.AM, 1, 0, 1, halves=1)
    assert mornings.holds(half)
    assert not mornings.holds(half._replace(session=Session.PM))
    assert not mornings.holds(half._replace(halves=0))
    assert not mornings.holds(half._replace(day=TUESDAYS[0]))


def test_the_edges_of_holidays():
    before, after = date(2024, 10, 25), date(2024, 11, 4)
    assert edges_of_holidays(DAYS) == ({before}, {after})

    def told(missed):
        pupils = [Slot(day, 1, 30, 29, n, pupils=30, away=n) for day in DAYS for n in [missed.get(day, 1)]]
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
    assert "Broken weeks: 11 of 12 school weeks were missed in part." in said
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


def test_each_kind_says_how_it_counts_and_when_it_is_told():
    assert set(HOW) == set(COUNTED)
    said = {kind: Pattern(kind, "", 0, 0, {}).rule.split(". ")[0] for kind in COUNTED}
    assert all(each in RULE for each in said.values())
    assert {kind for kind, each in said.items() if not each.startswith("A pattern is told when")} == {
        "broken_weeks", "single_days", "first_weeks", "siblings",
    }  # fmt: skip


# Sessions of many, in the database: weeks about the change of codes and of February 2021, when X counted as possible.
FIRSTS = [date(2024, 8, 12), date(2021, 2, 1)]
LETTERS = "/LVIOGNXDX"


@pytest.fixture
def two_summers(cast):
    """Every weekday is a school day; no afternoon on Fridays. One child leaves in the second week of each."""
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


def written(pupil, register, first, last_on_roll):
    """Her register in the database, and her sessions as `Slot` says what each counts as, read one by one."""
    held = {}
    for (n, session), letter in register.items():
        day = first + timedelta(n)
        code, minutes = codes.code_for(letter, day).number, n + 1 if letter == "L" else None
        Mark.objects.create(
            school=pupil.school, pupil=pupil, day=day, session=session, entry_id=1, code=code, minutes_late=minutes
        )
        if day <= last_on_roll and (day.weekday() < 4 or (day.weekday() == 4 and session is Session.AM)):
            is_covid = (
                code == codes.PLAIN_X_2006
                and day.year == 2021
                and pupil.compulsory_from <= day <= pupil.compulsory_until
            )
            held[day, session] = (
                is_covid or code in codes.POSSIBLE, code in codes.ATTENDED, code in codes.ABSENT, letter == "L",
                minutes or 0,
            )  # fmt: skip
    return {at: by_hand(at, held) for at in sorted(held)}


def by_hand(at, held):
    day, session = at
    possible, attended, absent, late, minutes = held[at]
    could, _, missed, *_ = held.get((day, Session(3 - session)), (False,) * 5)
    before = session is Session.PM
    return Slot(
        day, session, possible, attended, absent, late, minutes, halves=absent and could and not missed,
        pupils=possible and not (before and could), away=absent and not (before and missed),
    )  # fmt: skip


def together(slots):
    return Slot(*slots[0][:2], *map(sum, zip(*(slot[2:] for slot in slots), strict=True)))


@pytest.mark.django_db
@settings(max_examples=25)
@given(registers=st.lists(a_register, min_size=1, max_size=5), first=st.sampled_from(FIRSTS))
def test_what_stands_behind_a_pattern_of_many_adds_up_to_it(two_summers, registers, first):
    """By the register of each child read by hand: the sessions of each and of all, and of every pattern that they could
    make, were it told, whose it is, how much of it, and which sessions of hers.
    """
    Mark.objects.all().delete()
    last, leaves = first + timedelta(13), first + timedelta(8)
    two_summers.pupils[1].registrations.update(leaving_date=leaves)
    hers = {
        pupil.pk: written(pupil, register, first, leaves if nth == 1 else last)
        for nth, (pupil, register) in enumerate(zip(two_summers.pupils, registers, strict=False))
    }
    assert slots_of(first, last, hers) == {pk: list(slots.values()) for pk, slots in hers.items() if slots}
    every = sorted({at for slots in hers.values() for at in slots})
    of_all = slots_by_day(first, last)
    assert of_all == [together([slots[at] for slots in hers.values() if at in slots]) for at in every]
    with mock.patch.object(patterns, "stands_out", lambda inside, *_: inside > 0):
        told = of_many(of_all)
    for pattern in told:
        inside = {
            pk: [slot for slot in slots.values() if slot.day in pattern.days and stands_in(pattern, slot)]
            for pk, slots in hers.items()
        }
        listed = counts_of_pattern(pattern)
        assert listed == {pk: units(pattern, slots) for pk, slots in inside.items() if slots}
        assert sum(listed.values()) == pattern.inside == sum(pattern.days.values())
        for day, count in pattern.days.items():
            assert count == sum(units(pattern, [s for s in slots if s.day == day]) for slots in inside.values())
        for pk, slots in slots_of(first, last, hers).items():
            assert [slot for slot in slots if pattern.holds(slot)] == inside[pk]
    for kind in ("weekday", "session", "late"):
        of_kind = [pattern for pattern in told if pattern.kind == kind]
        assert {pattern.among for pattern in of_kind} <= {sum(pattern.inside for pattern in of_kind)}
    assert {p.kind: p.among for p in told if p.kind in ("weekday", "holiday")} == {
        p.kind: len({(pk, s.day) for pk, slots in hers.items() for s in slots.values() if s.absent})
        for p in told if p.kind in ("weekday", "holiday")
    }  # fmt: skip


def stands_in(pattern, slot):
    match pattern.kind:
        case "late":
            return slot.late
        case "session":
            return slot.halves and slot.session == pattern.session
    return slot.absent


def units(pattern, slots):
    """Half days and times late one by one; else days, each once."""
    return len(slots) if pattern.kind in ("late", "session") else len({slot.day for slot in slots})


@pytest.mark.django_db
def test_two_children_each_away_another_half_of_a_day_are_two(two_summers):
    """Not the fuller half of it: four Mondays of two children, one away in the morning, the other in the afternoon."""
    first, pupils = FIRSTS[0], two_summers.pupils[:2]
    for pupil, away in zip(pupils, Session, strict=True):
        register = {
            (n, session): "O" if n % 7 == 0 and session is away else "/" for n in range(12) for session in Session
        }
        written(pupil, register, first, first + timedelta(13))
    [mondays] = [each for each in of_many(slots_by_day(first, first + timedelta(13))) if each.kind == "weekday"]
    assert mondays.sentence == "Mondays: 4 of 4 days missed were Mondays (about 1 would be expected)."
    assert mondays.days == {first: 2, first + timedelta(7): 2}
    assert counts_of_pattern(mondays) == {pupil.pk: 2 for pupil in pupils}


def test_what_few_would_be_expected_and_one_minute():
    """In plain English."""
    pupils = [
        Slot(day, 1, 30, 26, n, n, int(day == TUESDAYS[0]), pupils=30, away=n)
        for day in DAYS for n in [4 * (day == date(2024, 10, 25))]
    ]  # fmt: skip
    assert (
        "Before holidays: 4 of 4 days missed were the last before one (fewer than 1 would be expected)."
        in sentences(pupils, of_one=False)
    )
    assert "Late on Tuesdays: 4 of 4 times late, 1 minute lost." in sentences(
        slots([], late=dict.fromkeys(TUESDAYS[:4], 0) | {TUESDAYS[0]: 1})
    )
