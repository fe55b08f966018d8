"""Whose classes are whose, by date; what is planned for a session."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from attendance_mis.permissions import Grant
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import ClassGroup, Cover, PlannedAbsence, Pupil, Teaching
from tests.conftest import TODAY

AM, PM = Session
MEDICAL = code_for("M", TODAY).number


def test_own_classes_are_those_she_teaches_or_covers_that_day(cast):
    teacher = cast.people["teacher"]
    Cover.objects.create(
        school=cast.school, user=teacher, class_group=cast.other_class, day=TODAY, noted_by="x", noted_at=timezone.now()
    )
    assert set(ClassGroup.objects.own_classes(teacher, TODAY)) == {cast.own_class, cast.other_class}
    assert list(ClassGroup.objects.own_classes(teacher, TODAY + timedelta(1))) == [cast.own_class]


def test_a_class_is_hers_no_more_after_the_last_day(cast):
    Teaching.objects.update(end=TODAY)
    teacher = cast.people["teacher"]
    assert list(ClassGroup.objects.own_classes(teacher, TODAY)) == [cast.own_class]
    assert not ClassGroup.objects.own_classes(teacher, TODAY + timedelta(1))


def test_a_grant_reaches_all_pupils_or_those_of_own_classes_or_none(cast):
    teacher = cast.people["teacher"]
    assert set(Pupil.objects.within(Grant.OWN, teacher, TODAY)) == set(cast.pupils)
    assert set(Pupil.objects.within(Grant.ALL, teacher, TODAY)) == {*cast.pupils, *cast.other_pupils}
    assert not Pupil.objects.within(Grant.AGGREGATES, teacher, TODAY)


@pytest.mark.parametrize(
    ("plan", "covers"),
    [
        ({}, [(11, AM), (11, PM), (12, AM), (12, PM), (13, AM), (13, PM)]),
        ({"start_session": PM, "end_session": AM}, [(11, PM), (12, AM), (12, PM), (13, AM)]),
        ({"only_session": PM}, [(11, PM), (12, PM), (13, PM)]),
        ({"weekdays": 0b00100}, [(12, AM), (12, PM)]),
        ({"cancelled_at": timezone.now()}, []),
    ],
)
def test_planned_for_a_session(cast, plan, covers):
    """11 March 2025 is a Tuesday."""
    row = {"start": date(2025, 3, 11), "end": date(2025, 3, 13), "kind": "appointment", "code": MEDICAL} | plan
    PlannedAbsence.objects.create(school=cast.school, pupil=cast.pupils[0], noted_at=timezone.now(), **row)
    sessions = [(day, session) for day in range(10, 15) for session in Session]
    found = [s for s in sessions if PlannedAbsence.objects.planned_for(date(2025, 3, s[0]), s[1])]
    assert found == covers
    assert not PlannedAbsence.objects.planned_for(date(2025, 3, 12), AM, [cast.pupils[1].pk])
