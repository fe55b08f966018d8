"""The settings of a school and the steps to its first register."""

from datetime import date, time

import pytest
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from registers.actions.school import edit_school
from registers.models import SchoolDay
from tests import factories

pytestmark = pytest.mark.usefixtures("clock")


def edit(cast, **changes):
    return edit_school(school=cast.school, changes=changes, by=cast.actor("technician"))


def test_times_are_changed_with_before_and_after(cast):
    edit(cast, am_register=(time(9, 0), time(8, 55)))
    assert School.objects.get(pk=cast.school.pk).am_register == time(8, 55)
    assert AuditRow.objects.get(verb="edit_school").data == {
        "before": {"am_register": "09:00:00"},
        "after": {"am_register": "08:55:00"},
    }


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"am_closes": (time(9, 25), time(9, 31))}, "open for 31 minutes; the law allows at most 30"),
        ({"am_closes": (time(9, 25), time(8, 0))}, "must be after the morning register"),
        ({"day_ends": (time(15, 30), time(13, 0))}, "must be after"),
        ({"am_register": (time(9, 5), time(9, 10))}, "changed meanwhile"),
    ],
)
def test_times_the_law_does_not_allow_are_refused(cast, changes, reason):
    """law.md 3.3."""
    with pytest.raises(Refused, match=reason):
        edit(cast, **changes)
    assert School.objects.get(pk=cast.school.pk).am_closes == time(9, 25)


def fields(form):
    data = {}
    for bound in form:
        for name in (bound.html_name, bound.html_initial_name):
            value = bound.value()
            data[name] = "" if value is None or value is False else str(value)
    return data


def test_the_page_changes_what_was_changed_only(cast):
    client, address = cast.client("technician"), reverse("registers:edit_school", args=[cast.school.urn])
    opened = fields(client.get(address).context["form"])
    answer = client.post(address, opened | {"headteacher": "Ms Okafor", "address": "2 New Road\r\nLondon"})
    assert answer.status_code == 302
    school = School.objects.get(pk=cast.school.pk)
    assert (school.headteacher, school.address) == ("Ms Okafor", ["2 New Road", "London"])
    assert set(AuditRow.objects.get(verb="edit_school").data["after"]) == {"headteacher", "address"}


def test_a_refused_time_keeps_what_was_typed(cast):
    client, address = cast.client("technician"), reverse("registers:edit_school", args=[cast.school.urn])
    opened = fields(client.get(address).context["form"])
    answer = client.post(address, opened | {"am_closes": "09:40", "headteacher": "Ms Okafor"})
    assert answer.status_code == 422
    assert "open for 40 minutes" in answer.text
    assert 'value="Ms Okafor"' in answer.text
    assert "Ms Okafor" not in School.objects.get(pk=cast.school.pk).headteacher


def test_the_steps_to_the_first_register_of_an_empty_school(cast):
    technician = factories.MembershipFactory(school=cast.other_school, role="technician").user
    address = reverse("registers:see_setup", args=[cast.other_school.urn])
    text = cast.client_of(technician).get(address).text
    assert "Nobody yet as: attendance manager, office staff, class teacher." in text
    with acting_for(cast.other_school):
        SchoolDay.objects.all().delete()
    assert "Paste the list of your council or school." in cast.client_of(technician).get(address).text


def test_the_steps_of_a_school_that_runs(cast):
    text = cast.client("technician").get(reverse("registers:see_setup", args=[cast.school.urn])).text
    assert "7 pupils on roll." in text
    assert "1 of 2 classes have a teacher" in text


def test_the_day_of_the_groups_is_chosen_on_the_page(cast):
    client, address = cast.client("technician"), reverse("registers:edit_school", args=[cast.school.urn])
    opened = fields(client.get(address).context["form"])
    assert client.post(address, opened | {"groups_as_at": "2025-01-06"}).status_code == 302
    assert School.objects.get(pk=cast.school.pk).groups_as_at == date(2025, 1, 6)
    assert AuditRow.objects.get(verb="edit_school").data["after"] == {"groups_as_at": "2025-01-06"}
