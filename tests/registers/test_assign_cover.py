"""The office says who covers a class for a day."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from attendance_mis.models import AuditRow
from registers.calendar_rules import Session
from registers.models import Cover
from tests.conftest import TODAY
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")


def assign(cast, *, who="safeguarding", group=None, day=TODAY, role="office"):
    data = {"class_group": (group or cast.own_class).pk, "user": cast.people[who].pk, "day": day}
    return cast.client(role).post(reverse("registers:assign_cover", args=[cast.school.urn]), data)


def test_who_covers_may_take_the_register_and_it_says_so(cast):
    where = [cast.school.urn, cast.other_class.pk, TODAY, Session.AM]
    teacher = cast.client("teacher")
    assert teacher.get(reverse("registers:take_register", args=where)).status_code == 403
    assert assign(cast, who="teacher", group=cast.other_class).status_code == 302
    answer = teacher.get(reverse("registers:take_register", args=where))
    assert answer.status_code == 200
    assert "cover" in answer.content.decode()
    row = AuditRow.objects.get(verb="assign_cover")
    assert row.summary == f"{cast.people['teacher'].name} covers 4B on Tuesday 11 March 2025."


def test_it_ends_with_the_day(cast, clock):
    assign(cast, who="teacher", group=cast.other_class)
    clock.shift(timedelta(1))
    where = [cast.school.urn, cast.other_class.pk, TODAY + timedelta(1), Session.AM]
    assert cast.client("teacher").get(reverse("registers:take_register", args=where)).status_code == 403


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"day": date(2025, 3, 10)}, "is over"),
        ({"day": date(2025, 3, 15)}, "no school on Saturday"),
        ({"who": "teacher"}, "teaches 3A on that day"),
        ({"who": "governor"}, "Select a valid choice"),
        ({"day": "soon"}, "valid date"),
    ],
)
def test_what_cannot_be_is_refused(cast, change, sentence):
    answer = assign(cast, **change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Cover.objects.exists()


def test_twice_is_once(cast):
    assign(cast)
    assert "already" in assign(cast).content.decode()
    assert Cover.objects.count() == 1


def test_another_schools_class_is_no_choice(cast):
    assert assign(cast, group=cast.strange_class).status_code == 422


def test_it_can_be_taken_back_until_a_register_was_sent(cast):
    assign(cast)
    cover = Cover.objects.get()
    end = reverse("registers:end_cover", args=[cast.school.urn, cover.pk])
    register = send(cast, cast.own_class)
    register.sent_by = cover.user
    register.save()
    assert "the cover stands" in cast.client("office").post(end, follow=True).content.decode()
    register.delete()
    cast.client("office").post(end)
    assert not Cover.objects.exists()
    assert AuditRow.objects.filter(verb="end_cover").exists()
