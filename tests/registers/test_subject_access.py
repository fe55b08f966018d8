"""Everything held on a child, and who looked at her: complete, readable, and nobody else's."""

import io
import zipfile

import pytest
from django.apps import apps
from django.urls import reverse

from attendance_mis.models import AuditRow
from attendance_mis.tenancy import SchoolOwned
from registers.models import ClassMembership, Contact, Mark, Pupil
from registers.subject_access import paths
from tests import factories
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def child(cast, mark):
    child, other = cast.pupils[:2]
    mark(child, letter="N")
    mark(other)
    send(cast, cast.own_class)
    for pupil, forename in ((child, "Rukmini"), (other, "Somebody-Else")):
        factories.ContactFactory(pupil=pupil, school=cast.school, forename=forename, mobile="07700 900123")
    return child


def export(cast, child, **said):
    url = reverse("registers:export_subject", args=[cast.school.urn, child.pk])
    answer = cast.client("head").post(url, {"reason": "request of 3 March", **said})
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_holds_everything_of_hers_and_nothing_of_another_child(cast, child):
    members = export(cast, child)
    page = members["everything.html"]
    assert child.name in page
    assert "Rukmini" in page
    assert "Somebody-Else" not in page
    assert cast.pupils[1].upn not in page
    assert ",N," in members["tables/registers.mark.csv"]
    assert members["tables/registers.entry.csv"].count("\r\n") == 2  # the heading and her one mark
    assert "SHA256SUMS" in members
    row = AuditRow.objects.get(verb="export_subject")
    assert (row.pupil_id, row.by_name) == (child.pk, cast.people["head"].name)
    assert "request of 3 March" in row.summary


def test_third_parties_can_be_blacked_out(cast, child):
    page = export(cast, child, black_out_staff="on", black_out_contacts="on")["everything.html"]
    assert "Rukmini" not in page
    assert "07700 900123" not in page
    assert cast.people["teacher"].name not in page
    assert child.name in page


def test_every_table_that_refers_to_a_child_is_found():
    """A model that is added later is exported without anybody thinking of it."""
    referring = {
        model
        for model in apps.get_models()
        if issubclass(model, SchoolOwned)
        for each in model._meta.concrete_fields
        if each.related_model is Pupil or each.name == "pupil_id"
    }
    assert referring <= set(paths())
    assert {Mark, Contact, ClassMembership, AuditRow} <= referring


def test_without_a_reason_nothing_is_exported(cast, child):
    url = reverse("registers:export_subject", args=[cast.school.urn, child.pk])
    assert cast.client("head").post(url, {"reason": ""}).status_code == 422
    assert not AuditRow.objects.filter(verb="export_subject").exists()


def test_who_looked_is_told(cast, child):
    url = reverse("registers:see_pupil", args=[cast.school.urn, child.pk])
    cast.client("office").get(url)
    cast.client("office").get(url, headers={"HX-Request": "true"})
    cast.client("governor").get(url)
    looks = AuditRow.objects.filter(verb="look", pupil_id=child.pk)
    assert [row.by_name for row in looks] == [cast.people["office"].name]
    page = cast.client("safeguarding").get(reverse("registers:see_who_looked", args=[cast.school.urn, child.pk]))
    text = page.content.decode()
    assert cast.people["office"].name in text
    assert "Opened the page “see pupil”." in text
    listed = cast.client("head").get(
        reverse("registers:see_who_looked", args=[cast.school.urn, child.pk]), {"file": "looks.csv"}
    )
    assert cast.people["office"].name in listed.content.decode()
