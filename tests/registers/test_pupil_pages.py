"""The pages of the admission register: who sees what, refusals keep what was typed, queries stay constant."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.models import AuditRow
from registers.actions.pupils import edit_pupil
from registers.models import Pupil
from registers.roll import GROUNDS, cautions
from tests import factories
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock")

NEW = {
    "legal_surname": "Adeyemi",
    "legal_forename": "Tola",
    "date_of_birth": "2016-09-01",
    "sex": "F",
    "year_group": "3",
    "admission_date": "2025-03-11",
    "boarder": "unknown",
}


def url(cast, name, *args):
    return reverse(f"registers:{name}", args=[cast.school.urn, *args])


def page(cast, role, pupil):
    return cast.client(role).get(url(cast, "see_pupil", pupil.pk))


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


# The list


def test_a_name_is_posted_and_finds_those_who_left_too(cast):
    answer = cast.client("office").post(url(cast, "see_pupils"), {"name": cast.pupils[0].legal_surname.lower()})
    assert cast.pupils[0].surname in answer.text
    assert cast.pupils[0].get_absolute_url() in answer.text
    assert cast.pupils[0].surname not in answer.request["QUERY_STRING"]


def test_a_teacher_finds_her_own_classes_only(cast):
    text = cast.client("teacher").get(url(cast, "see_pupils")).text
    assert all(pupil.get_absolute_url() in text for pupil in cast.pupils)
    assert not any(pupil.get_absolute_url() in text for pupil in cast.other_pupils)
    search = cast.client("teacher").post(url(cast, "see_pupils"), {"name": cast.other_pupils[0].upn})
    assert cast.other_pupils[0].get_absolute_url() not in search.text


def test_filters_stand_in_the_address(cast):
    text = cast.client("head").get(url(cast, "see_pupils") + f"?class_group={cast.other_class.pk}&year_group=4").text
    assert cast.other_pupils[0].get_absolute_url() in text
    assert cast.pupils[0].get_absolute_url() not in text


@pytest.mark.parametrize(
    ("status", "first", "second"),
    [("", True, False), ("leaving", True, False), ("left", False, True), ("all", True, True)],
)
def test_who_is_on_roll_leaving_or_left(cast, status, first, second):
    cast.pupils[0].registrations.update(leaving_date=TODAY, leaving_ground="a")
    cast.pupils[1].registrations.update(leaving_date="2025-03-10", leaving_ground="a")
    text = cast.client("head").get(url(cast, "see_pupils") + f"?status={status}").text
    assert (cast.pupils[0].get_absolute_url() in text, cast.pupils[1].get_absolute_url() in text) == (first, second)


def test_who_is_in_no_class_is_found(cast):
    cast.pupils[0].class_memberships.update(end="2025-03-10")
    text = cast.client("head").get(url(cast, "see_pupils") + "?status=no_class").text
    assert cast.pupils[0].get_absolute_url() in text
    assert cast.pupils[1].get_absolute_url() not in text


def test_an_empty_school_says_what_to_do(cast):
    client = cast.client_of(cast.stranger)
    from attendance_mis.tenancy import acting_for

    with acting_for(cast.other_school):
        for pupil in cast.strange_pupils:
            pupil.class_memberships.all().delete()
            pupil.registrations.all().delete()
            pupil.delete()
    text = client.get(reverse("registers:see_pupils", args=[cast.other_school.urn])).text
    assert "There are no pupils yet" in text


def test_the_list_asks_the_same_for_more_pupils(cast):
    client = cast.client("head")
    few = queries(client, url(cast, "see_pupils"))
    factories.make_class(cast.school, "5A", 25, year_group="5")
    assert queries(client, url(cast, "see_pupils")) == few


# One pupil


def test_each_role_sees_its_part_of_the_page(cast):
    pupil = cast.pupils[0]
    factories.ContactFactory(pupil=pupil)
    pupil.social_worker = "Ms Sam Worker"
    pupil.save()
    teacher, office, head = (page(cast, role, pupil).text for role in ("teacher", "office", "head"))
    assert "07700 900123" not in teacher
    assert "07700 900123" in office
    assert "Attendance in 2024/25" in teacher
    assert "Attendance in 2024/25" not in office
    assert "Remove from roll" not in office
    assert "Remove from roll" in head
    assert all("Vulnerable" in text and "Ms Sam Worker" not in text for text in (teacher, office, head))


def test_what_was_confidential_stays_out_of_the_timeline(cast):
    edit_pupil(pupil=cast.pupils[0], changes={"social_worker": ("", "Ms Sam Worker")}, by=cast.actor("safeguarding"))
    assert "social worker" in page(cast, "head", cast.pupils[0]).text
    assert "social worker" not in page(cast, "manager", cast.pupils[0]).text


def test_opening_why_is_recorded(cast):
    address = url(cast, "edit_confidential", cast.pupils[0].pk)
    assert cast.client("lead").get(address).status_code == 200
    row = AuditRow.objects.get(verb="read_confidential")
    assert (row.pupil_id, row.by_id) == (cast.pupils[0].pk, cast.people["lead"].pk)
    assert cast.client("manager").get(address).status_code == 403


def test_the_page_of_a_pupil_asks_the_same_for_a_long_record(cast):
    pupil, client = cast.pupils[0], cast.client("head")
    few = queries(client, pupil.get_absolute_url())
    for n in range(1, 6):
        factories.ContactFactory(pupil=pupil, priority=n)
        edit_pupil(pupil=pupil, changes={"ethnicity": (str(n - 1) if n > 1 else "", str(n))}, by=cast.actor("head"))
    assert queries(client, pupil.get_absolute_url()) == few


# Forms


def test_admitting_leads_to_the_pupil_with_her_first_contact(cast):
    contact = {"contact-surname": "Adeyemi", "contact-mobile": "07700 900321"}
    answer = cast.client("manager").post(
        url(cast, "admit_pupil"), NEW | contact | {"class_group": cast.own_class.pk}, follow=True
    )
    pupil = Pupil.objects.get(legal_surname="Adeyemi")
    assert answer.redirect_chain == [(pupil.get_absolute_url(), 302)]
    assert "There is only one contact" in answer.text
    assert pupil.contacts.get().mobile == "07700 900321"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"upn": "B2019999240071"}, "13 characters"),
        ({"upn": "X201999924007"}, "check letter is wrong, expected A"),
        ({"date_of_birth": ""}, "Fill this in"),
        ({"contact-mobile": "07700 900321"}, "Fill this in"),
    ],
)
def test_a_wrong_admission_keeps_what_was_typed(cast, wrong, words):
    answer = cast.client("manager").post(url(cast, "admit_pupil"), NEW | wrong)
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Adeyemi"' in answer.text
    assert not Pupil.objects.filter(legal_surname="Adeyemi").exists()


def fields(answer):
    """What a browser would send back of a form that somebody opened."""
    form = answer.context["form"]
    data = {}
    for bound in form:
        for name, value in ((bound.html_name, bound.value()), (bound.html_initial_name, bound.initial)):
            data[name] = {None: "", True: "true", False: "false"}.get(value, str(value))
    return data


def test_an_edit_changes_what_was_changed_only(cast):
    client, pupil = cast.client("manager"), cast.pupils[0]
    opened = client.get(url(cast, "edit_pupil", pupil.pk))
    edit_pupil(pupil=pupil, changes={"eal": (None, True)}, by=cast.actor("head"))
    answer = client.post(url(cast, "edit_pupil", pupil.pk), fields(opened) | {"medical_note": "Asthma\r\nInhaler"})
    assert answer.status_code == 302
    pupil.refresh_from_db()
    assert (pupil.medical_note, pupil.eal) == ("Asthma\nInhaler", True)


def test_an_edit_of_what_somebody_else_changed_is_refused_and_kept(cast):
    client, pupil = cast.client("manager"), cast.pupils[0]
    opened = client.get(url(cast, "edit_pupil", pupil.pk))
    edit_pupil(pupil=pupil, changes={"ethnicity": ("", "WBRI")}, by=cast.actor("head"))
    answer = client.post(url(cast, "edit_pupil", pupil.pk), fields(opened) | {"ethnicity": "ABAN"})
    assert answer.status_code == 422
    assert "“WBRI”" in answer.text
    assert 'value="ABAN"' in answer.text


def test_removing_asks_for_the_ground_then_for_what_the_law_asks(cast):
    client, address = cast.client("head"), url(cast, "remove_from_roll", cast.pupils[0].pk)
    assert client.post(address, {"ground": "a"}).url == f"{address}?ground=a"
    assert "the register shows 0" in client.get(address + "?ground=i").text
    answer = client.post(
        address + "?ground=a", {"leaving_date": "2025-03-11", "destination": "Elm", "confirmed": ["told"]}
    )
    assert answer.status_code == 422
    assert "Not confirmed" in answer.text
    keys = [each.key for each in cautions(GROUNDS["a"])]
    client.post(address + "?ground=a", {"leaving_date": "2025-03-11", "destination": "Elm", "confirmed": keys})
    assert cast.pupils[0].registrations.get().leaving_ground == "a"
    client.post(url(cast, "keep_on_roll", cast.pupils[0].pk))
    assert cast.pupils[0].registrations.get().leaving_date is None


def test_a_contact_is_added_moved_up_and_removed(cast):
    client, pupil = cast.client("office"), cast.pupils[0]
    for surname in ("Ahmed", "Begum"):
        client.post(url(cast, "add_contact", pupil.pk), {"surname": surname})
    second = pupil.contacts.last()
    client.post(url(cast, "move_contact_up", pupil.pk, second.pk))
    assert pupil.contacts.first() == second
    client.post(url(cast, "edit_contact", pupil.pk, second.pk), {"remove": "1"})
    assert [(each.surname, each.priority) for each in pupil.contacts.all()] == [("Ahmed", 1)]


def test_a_contact_of_another_child_is_no_page(cast):
    contact = factories.ContactFactory(pupil=cast.pupils[1])
    assert cast.client("office").get(url(cast, "edit_contact", cast.pupils[0].pk, contact.pk)).status_code == 404
