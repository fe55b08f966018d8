"""Everything held on a child, and who looked at her: complete, readable, and nobody else's."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.apps import apps
from django.urls import reverse

from attendance_mis.models import AuditRow
from attendance_mis.tenancy import SchoolOwned
from registers.looks import OF_A_CHILD
from registers.models import ClassMembership, Contact, Mark, Pupil
from registers.subject_access import paths
from tests import factories
from tests.house.test_access import ROUTES, case_of, letter_of
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


def looks_at(child):
    return list(
        AuditRow.objects.filter(verb="look", pupil_id=child.pk).order_by("pk").values_list("by_name", flat=True)
    )


def test_nobody_reads_unseen_by_asking_for_the_parts(cast, child, clock):
    """The header of a part is anybody's to send. Beside a look it is none, alone it is one."""
    url = reverse("registers:see_pupil", args=[cast.school.urn, child.pk])
    office, head, part = cast.client("office"), cast.client("head"), {"HX-Request": "true"}
    office.get(url, headers=part)
    assert looks_at(child) == [cast.people["office"].name]
    office.get(url, headers=part)
    assert len(looks_at(child)) == 1
    head.get(url, headers=part)
    assert looks_at(child)[1:] == [cast.people["head"].name]
    clock.shift(timedelta(hours=2))
    head.get(url, headers=part)
    assert len(looks_at(child)) == 3
    form = reverse("registers:export_subject", args=[cast.school.urn, child.pk])
    refused = cast.client("safeguarding").post(form, {"reason": ""})
    assert refused.status_code == 422
    assert looks_at(child)[3:] == [cast.people["safeguarding"].name]


def test_a_page_of_a_row_of_hers_is_a_look(cast):
    """A case, a letter, a leave: whoever reads them has looked at her."""
    child = cast.pupils[2]  # with one contact
    case, letter = case_of(child, cast).pk, letter_of(cast, child).pk
    manager = cast.client("manager")
    for name, row in (("casework:change_case", case), ("letters:see_letter", letter)):
        assert manager.get(reverse(name, args=[cast.school.urn, row])).status_code == 200
    assert looks_at(child) == [cast.people["manager"].name] * 2
    assert cast.client("governor").get(reverse("letters:see_letter", args=[cast.school.urn, letter])).status_code == 403
    assert cast.client("head").head(reverse("letters:see_letter", args=[cast.school.urn, letter])).status_code == 200
    assert len(looks_at(child)) == 2, "who sees nothing has not looked"


def test_every_address_of_a_row_of_a_child_is_known():
    """What names a row in an address is a child's, and the table leads to her; or it is nobody's."""
    of_nobody = {
        "agency_id", "authorisation_id", "class_group_id", "contact_id", "cover_id", "draft_id", "entry_id",
        "governor_report_id", "made_report_id", "membership_id", "print_run_id", "return_id", "run_id", "teaching_id",
        "template_id", "token_id", "webhook_id", "weekly_id",
    }  # fmt: skip
    named = {part for parts, _ in ROUTES.values() if "urn" in parts for part in parts if part.endswith("_id")}
    assert named == set(OF_A_CHILD) | of_nobody
    assert {apps.get_model(label) for label in OF_A_CHILD.values()} <= set(paths())


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
