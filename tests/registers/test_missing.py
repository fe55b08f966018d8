"""A register nobody took or sent stays visible until somebody does."""

import re
from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import clock as school_clock
from registers.calendar_rules import Session
from registers.missing import missing_registers
from registers.models import Register, Registration
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import LONDON
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")
MONDAY = date(2025, 3, 10)


def found(cast, since=MONDAY, **kwargs):
    rows = missing_registers(cast.school, since, school_clock.now(cast.school), **kwargs)
    return [(row.class_name, row.day, row.session) for row in rows]


def test_what_was_due_and_not_sent_is_missing(cast, clock):
    """Today's morning register is open, so it is not missing yet; there is no Sunday."""
    yesterday = [(name, MONDAY, session) for session in (Session.PM, Session.AM) for name in ("3A", "4B")]
    assert found(cast, date(2025, 3, 9)) == yesterday
    clock.move_to(datetime(2025, 3, 11, 9, 25, tzinfo=LONDON))
    assert found(cast) == [("3A", TODAY, Session.AM), ("4B", TODAY, Session.AM), *yesterday]


def test_what_was_sent_is_not(cast):
    send(cast, cast.own_class, MONDAY)
    assert ("3A", MONDAY, Session.AM) not in found(cast)
    assert ("3A", MONDAY, Session.PM) in found(cast)


def test_marks_without_sending_stay_missing(cast, mark):
    mark(*cast.pupils, day=MONDAY)
    Register.objects.create(
        school=cast.school, class_group=cast.own_class, day=MONDAY, session=Session.AM, opened_at=REGISTER_TIME
    )
    [row] = [
        row
        for row in missing_registers(cast.school, MONDAY, school_clock.now(cast.school))
        if (row.class_name, row.session) == ("3A", Session.AM)
    ]
    assert (row.marked, row.pupils) == (5, 5)


def test_imported_history_is_not_missing(cast, mark):
    mark(*cast.pupils, day=MONDAY)
    assert ("3A", MONDAY, Session.AM) not in found(cast)


def test_an_empty_class_has_no_register(cast):
    Registration.objects.filter(pupil__in=cast.other_pupils).update(leaving_date=date(2025, 3, 7))
    assert {name for name, *_ in found(cast)} == {"3A"}


def test_a_teacher_sees_her_own(cast):
    assert {name for name, *_ in found(cast, own_of_user=cast.people["teacher"].pk)} == {"3A"}
    page = reverse("registers:see_missing", args=[cast.school.urn])
    text = cast.client("teacher").get(page, {"since": MONDAY}).content.decode()
    assert set(re.findall(r">\s*(3A|4B)\s*<", text)) == {"3A"}
    assert "Re-key" not in text


def test_the_page_leads_on(cast):
    page = reverse("registers:see_missing", args=[cast.school.urn])
    text = cast.client("office").get(page, {"since": MONDAY}).content.decode()
    where = [cast.school.urn, cast.own_class.pk, MONDAY, Session.AM]
    assert reverse("registers:take_register", args=where) in text
    assert reverse("registers:rekey_register", args=where) in text


def test_the_list_costs_the_same_queries_however_long(cast):
    client, page = cast.client("office"), reverse("registers:see_missing", args=[cast.school.urn])

    def queries(since):
        with CaptureQueriesContext(connection) as context:
            client.get(page, {"since": since})
        return len(context)

    assert queries(MONDAY) == queries(date(2025, 2, 24))


def test_a_date_that_is_none_is_refused_and_the_year_shown(cast):
    page = reverse("registers:see_missing", args=[cast.school.urn])
    assert "1 August 2024" in cast.client("office").get(page, {"since": "yesterday"}).content.decode()
