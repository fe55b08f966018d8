"""Each data check finds what was planted, leads to a page that is there, and asks as often for few as for many."""

from datetime import date, datetime, time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import clock as school_clock
from attendance_mis.models import AuditRow
from attendance_mis.tenancy import acting_for
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import ClassMembership, Entry, Mark
from reports.checks import CHECKS, run_checks
from reports.tasks import check_data
from tests.conftest import TODAY
from tests.factories import LONDON
from tests.reports.conftest import written

pytestmark = pytest.mark.usefixtures("clock")


def put(pupil, letter, day, session=Session.AM, minutes=None):
    Mark.objects.create(
        school_id=pupil.school_id, pupil=pupil, day=day, session=session, code=code_for(letter, day).number,
        minutes_late=minutes, entry_id=1,
    )  # fmt: skip


def found(cast):
    return {check.key: check for check in run_checks(cast.school, school_clock.now(cast.school))}


@pytest.fixture
def planted(cast):
    """One of each in the cast's class of five."""
    first, second, third, fourth, fifth = cast.pupils
    ClassMembership.objects.filter(pupil=fifth).delete()
    put(first, "/", date(2025, 2, 19))  # half-term week
    put(second, "U", date(2025, 3, 3), minutes=10)
    put(second, "L", date(2025, 3, 4), minutes=40)
    put(third, "N", date(2025, 2, 24))
    put(fourth, "C2", date(2025, 3, 5), session=Session.PM)
    written([first], missed=30, first=date(2024, 11, 4), last=date(2024, 12, 6))
    return cast


def test_a_u_without_minutes_is_held_against_the_time_it_was_set(cast):
    """The register closes at half past nine; nobody can be late after that before it."""
    times = [time(8, 55), time(9, 40)]
    for pupil, at in zip(cast.pupils, times, strict=False):
        entry = Entry.objects.create(
            school=cast.school, day=date(2025, 3, 3), session=1, source="register", pupils=[pupil.pk], codes=[1],
            at=datetime.combine(date(2025, 3, 3), at, LONDON),
        )  # fmt: skip
        put(pupil, "U", date(2025, 3, 3))
        Mark.objects.filter(pupil=pupil).update(entry_id=entry.pk)
    [early] = found(cast)["minutes"].found
    assert early.about == cast.pupils[0].name
    assert early.what == "U on 3 Mar 2025 AM was set before the register closed"


def test_each_finds_what_was_planted(planted):
    checks = found(planted)
    names = [pupil.name for pupil in planted.pupils]
    assert [f.about for f in checks["closed_days"].found] == [names[0]]
    assert [(f.about, f.what.split()[0]) for f in checks["minutes"].found] == [(names[1], "L"), (names[1], "U")]
    assert [f.about for f in checks["old_n"].found] == [names[2]]
    assert [f.about for f in checks["part_time"].found] == [names[3]]
    assert [f.about for f in checks["classes"].found] == [names[4]]
    assert [f.about for f in checks["sickness"].found] == [names[0]]
    assert checks["missing"].count > 200
    assert len(checks["missing"].found) == 50


def test_possible_sessions_unlike_the_class(cast):
    written(cast.pupils[:4], missed=0)
    written(cast.pupils[4:], missed=0, last=date(2025, 1, 31))
    assert [f.about for f in found(cast)["unlike"].found] == [cast.pupils[4].name]


def test_every_fix_is_a_page_for_who_sees_it(planted):
    office = planted.client("office")
    links = {finding.href for check in found(planted).values() for finding in check.found[:1]}
    for href in links:
        assert office.get(href).status_code == 200, href


def test_as_many_queries_for_few_as_for_many(planted, school_of_sixty):
    def cost():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            found(planted)
        return len(queries)

    many = cost()
    Mark.objects.filter(pupil__in=school_of_sixty["third"]).delete()
    assert cost() == many


def test_the_night_notes_numbers_without_names(planted):
    check_data(planted.school.pk, TODAY.isoformat())
    with acting_for(planted.school):
        row = AuditRow.objects.get(verb="check_data")
    assert row.data["part_time"] == 1
    assert set(row.data) == set(CHECKS)
    page = planted.client("office").get(reverse("reports:see_checks", args=[planted.school.urn])).content.decode()
    assert row.summary in page
