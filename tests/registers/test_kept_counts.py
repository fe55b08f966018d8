"""Sessions kept counted: equal to the marks whoever writes, in the mark's own transaction, and made anew when not."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from attendance_mis.tenancy import acting_for
from registers import codes, kept_counts, record
from registers.calendar_rules import Session
from registers.models import KeptCount, Mark, Pupil, SchoolDay
from registers.sums import counts, groups_of_schools, sums
from registers.year_parts import end_of, part_of, pieces
from reports.groups import whole
from tests.factories import RegistrationFactory

days = st.dates(date(2019, 8, 1), date(2026, 7, 31))


@given(first=days, last=days)
def test_a_range_is_its_pieces(first, last):
    first, last = min(first, last), max(first, last)
    found = pieces(first, last)
    held = {part + timedelta(n) for part in found.parts for n in range((end_of(part) - part).days + 1)}
    added = {start + timedelta(n) for start, end in found.added for n in range((end - start).days + 1)}
    taken = {start + timedelta(n) for start, end in found.taken for n in range((end - start).days + 1)}
    assert not held & added
    assert taken <= held
    assert held - taken | added == {first + timedelta(n) for n in range((last - first).days + 1)}


@given(day=days)
def test_a_part_holds_its_days_and_no_other(day):
    part = part_of(day)
    assert part <= day <= end_of(part)
    assert part_of(part) == part
    assert part_of(end_of(part) + timedelta(1)) == end_of(part) + timedelta(1)


def put(pupil, day, session, number, **values):
    Mark.objects.create(school=pupil.school, pupil=pupil, day=day, session=session, code=number, entry_id=1, **values)


def right(cast):
    assert kept_counts.differences(cast.school) == []
    return KeptCount.objects.count()


@pytest.mark.django_db
def test_the_database_cuts_the_year_as_the_sums_do():
    wanted = [date(2023, 8, 1) + timedelta(n) for n in range(800)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT registers_part_of(d) FROM unnest(%s::date[]) AS d", [wanted])
        assert [row[0] for row in cursor.fetchall()] == [part_of(day) for day in wanted]


@pytest.mark.django_db
def test_the_triggers_count_by_the_codes_of_today():
    """A changed category needs a migration that runs CREATE_FUNCTIONS again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname IN ('registers_count_marks', 'registers_count_again')")
        sources = [row[0] for row in cursor.fetchall()]
    assert len(sources) == 2
    for source in sources:
        assert source in kept_counts.CREATE_FUNCTIONS


@pytest.mark.django_db
def test_whatever_happens_to_marks_rolls_and_days_the_counts_are_those_of_the_marks(cast):
    """A long random story: every way in which a figure could change, one after the other."""
    dice = random.Random(4)
    pupils = list(cast.pupils)
    weekdays = [d for d in (date(2020, 8, 31) + timedelta(n) for n in range(120)) if d.weekday() < 5]
    SchoolDay.objects.exclude(day__lt=date(2020, 1, 1)).delete()
    for pupil in pupils:
        pupil.registrations.all().delete()
        RegistrationFactory(pupil=pupil, admission_date=date(2020, 9, 1), leaving_date=None)
    SchoolDay.objects.bulk_create(
        SchoolDay(school=cast.school, day=d, am=True, pm=True, half_term=1, academic_year=2020) for d in weekdays
    )
    in_force = [code.number for code in codes.CODES if code.in_force(weekdays[0])]

    def some_marks():
        wanted = {(dice.choice(pupils), dice.choice(weekdays), dice.choice([1, 2])) for _ in range(60)}
        Mark.objects.bulk_create(
            [
                Mark(school=p.school, pupil=p, day=d, session=s, code=dice.choice(in_force), entry_id=1)
                for p, d, s in sorted(wanted, key=lambda each: (each[0].pk, *each[1:]))
            ],
            update_conflicts=True,
            unique_fields=["school", "pupil", "day", "session"],
            update_fields=["code"],
        )

    def some_changed():
        Mark.objects.filter(pupil=dice.choice(pupils), day__gte=dice.choice(weekdays)).update(
            code=dice.choice(in_force)
        )

    def some_gone():
        Mark.objects.filter(day=dice.choice(weekdays)).delete()

    def a_day_closes():
        SchoolDay.objects.filter(day=dice.choice(weekdays)).update(pm=False)

    def a_day_goes():
        SchoolDay.objects.filter(day=dice.choice(weekdays)).delete()

    def somebody_leaves():
        dice.choice(pupils).registrations.update(leaving_date=dice.choice([None, *weekdays]))

    def somebody_is_younger():
        start = dice.choice(weekdays)
        Pupil.objects.filter(pk=dice.choice(pupils).pk).update(compulsory_from=start)

    stories = (some_marks, some_changed, some_gone, a_day_closes, a_day_goes, somebody_leaves, somebody_is_younger)
    for step in (some_marks, some_marks, *(dice.choice(stories) for _ in range(30))):
        step()
        assert right(cast), step
    lines = right(cast)
    kept_counts.merge(cast.school)
    assert 0 < right(cast) < lines
    assert {p.pupil_id: p.summary for p in sums(weekdays[3], weekdays[-9])} == counts(weekdays[3], weekdays[-9])


@pytest.mark.django_db
def test_a_note_alone_writes_no_line(cast):
    put(cast.pupils[0], date(2025, 3, 10), Session.AM, codes.code_for("I", date(2025, 3, 10)).number)
    before = KeptCount.objects.count()
    Mark.objects.update(note="Called in")
    assert KeptCount.objects.count() == before == 1


@pytest.mark.django_db
def test_a_wrong_count_is_found_and_made_right(cast, capsys):
    day = date(2025, 3, 10)
    put(cast.pupils[0], day, Session.AM, codes.code_for("I", day).number)
    KeptCount.objects.update(authorised=2)
    fault = f"pupil {cast.pupils[0].pk}, part from 2025-02-16: 1 marks kept counted, 1 stand"
    assert fault in [each for check in record.verify(cast.school).checks for each in check.faults]
    call_command("count_again", "--school", cast.school.urn)
    right(cast)
    assert record.verify(cast.school).is_whole is False  # the mark of this test has no entry; the counts are right
    assert not [c for c in record.verify(cast.school).checks if c.fault_count and "counts" in c.what]


@pytest.mark.django_db
def test_schools_side_by_side_are_their_pupils_added_up(cast):
    first, last = date(2025, 1, 6), date(2025, 3, 14)
    for n, pupil in enumerate(cast.pupils):
        put(pupil, date(2025, 1, 7 + n % 3), Session.AM, codes.code_for("O", first).number)
    found = groups_of_schools([cast.school.pk, cast.other_school.pk], first, last)
    for school in (cast.school, cast.other_school):
        with acting_for(school):
            assert found[school.pk] == whole(sums(first, last))


@pytest.mark.django_db(transaction=True)
def test_two_first_saves_at_once_do_not_wait_for_each_other(cast):
    """Two classes, or two people at one class: each adds its own line, and neither sees a deadlock."""
    day = date(2025, 3, 10)
    present = codes.code_for("/", day).number

    def save(session, order):
        with transaction.atomic(), acting_for(cast.school):
            for pupil in order:
                put(pupil, day, session, present)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(save, Session.AM, cast.pupils), pool.submit(save, Session.PM, cast.pupils[::-1])]
        for run in runs:
            run.result()
    right(cast)
    assert sum(counts(day, day)[p.pk].possible for p in cast.pupils) == 10
