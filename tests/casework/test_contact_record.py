"""One form for every contact (appendix 7): what was agreed becomes tasks; nothing is ever rewritten."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from attendance_mis.permissions import Role
from casework.models import ContactRecord, Task
from tests.conftest import TODAY, Cast
from tests.factories import ContactFactory

pytestmark = pytest.mark.usefixtures("clock")


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def data(**given):
    return {
        "kind": "meeting", "on": TODAY, "time": "08:45", "who": "", "outcome": "", "present": "Amina, mother, Ms Khan",
        "said": "Mornings are hard.", "owner": "class teacher", "key": uuid4(), **given,
    }  # fmt: skip


def test_a_meeting_its_agreements_and_its_review(cast):
    child = cast.pupils[0]
    mother = ContactFactory(pupil=child)
    agreed = {"what_1": "A quiet start", "who_1": "Class teacher", "by_1": "2025-03-14", "review_on": "2025-04-01"}
    client, posted = cast.client(Role.MANAGER), data(contact=mother.pk, **agreed)
    for _ in range(2):  # sent twice, recorded once
        assert client.post(url(cast, "record_contact", child.pk), posted).status_code == 302
    record = ContactRecord.objects.get()
    assert (record.kind, record.who, record.day, record.present) == (
        "meeting", mother.name, TODAY, "Amina, mother, Ms Khan",
    )  # fmt: skip
    assert record.agreed == [{"what": "A quiet start", "who": "Class teacher", "by": "2025-03-14"}]
    assert [(task.title, task.owner, task.due) for task in Task.objects.all()] == [
        ("A quiet start (Class teacher)", "class teacher", date(2025, 3, 14)),
        (f"Review what was agreed with {mother.name}", "attendance manager", date(2025, 4, 1)),
    ]
    part = client.get(url(cast, "contact_record", child.pk), headers={"HX-Request": "true"}).content.decode()
    assert "A quiet start" in part
    assert "<html" not in part
    timeline = client.get(child.get_absolute_url()).content.decode()
    assert "Mornings are hard." in timeline


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "choose a contact, or type a name"),
        ({"who": "Aunt", "on": "2025-03-12"}, "has not come yet"),
        ({"who": "Aunt", "what_1": "Call"}, "by whom and until when"),
        ({"who": "Aunt", "review_on": "2025-03-10"}, "This day is past"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(cast, given, sentence):
    answer = cast.client(Role.OFFICE).post(url(cast, "record_contact", cast.pupils[0].pk), data(**given))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert "Mornings are hard." in answer.content.decode()
    assert not ContactRecord.objects.exists()


def test_a_correction_stands_beside_the_entry(cast):
    child = cast.pupils[0]
    client = cast.client(Role.OFFICE)
    client.post(url(cast, "record_contact", child.pk), data(who="Aunt"))
    record = ContactRecord.objects.get()
    correction = {"why": "It was the uncle", "who": "Uncle", "said": "Mornings are hard.", "outcome": ""}
    assert client.post(url(cast, "correct_contact", record.pk), correction).status_code == 302
    assert client.post(url(cast, "correct_contact", record.pk), correction).status_code == 422
    assert [each.who for each in ContactRecord.objects.order_by("pk")] == ["Aunt", "Uncle"]
    assert [each.who for each in ContactRecord.objects.standing()] == ["Uncle"]
    page = client.get(url(cast, "contact_record", child.pk)).content.decode()
    assert "Corrected later" in page


def test_the_record_only_grows(cast):
    cast.client(Role.OFFICE).post(url(cast, "record_contact", cast.pupils[0].pk), data(who="Aunt"))
    for change in (lambda: ContactRecord.objects.update(who="Uncle"), ContactRecord.objects.all().delete):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            change()
