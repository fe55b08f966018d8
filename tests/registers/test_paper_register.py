"""The register on paper, and everything entered in one."""

import io

import pytest
from django.urls import reverse
from pypdf import PdfReader

from registers.calendar_rules import Session
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock")


def pdf(answer):
    assert answer["Content-Type"] == "application/pdf"
    return PdfReader(io.BytesIO(answer.content))


def test_one_class_is_one_page_with_every_name_and_the_key(cast):
    where = [cast.school.urn, cast.own_class.pk, TODAY]
    [page] = pdf(cast.client("teacher").get(reverse("registers:paper_register_pdf", args=where))).pages
    text = page.extract_text()
    for pupil in cast.pupils:
        assert f"{pupil.surname}, {pupil.forename}" in text
    for printed in ("Register of 3A", "Tuesday 11 March 2025", "09:00 to 09:25", "No reason yet", "Y7"):
        assert printed in text
    assert page.mediabox.width == pytest.approx(595, abs=1)
    assert page.mediabox.height == pytest.approx(842, abs=1)


def test_every_class_is_one_document(cast):
    found = pdf(cast.client("office").get(reverse("registers:paper_registers_pdf", args=[cast.school.urn, TODAY])))
    assert ["4B" in page.extract_text() for page in found.pages] == [False, True]


def test_the_page_prints_the_same_list(cast):
    where = [cast.school.urn, cast.own_class.pk, TODAY]
    text = cast.client("office").get(reverse("registers:paper_register", args=where)).content.decode()
    assert f"{cast.pupils[0].surname}, {cast.pupils[0].forename}" in text
    assert "data-print" in text


def test_the_entries_of_a_register_in_order(cast, mark):
    version = mark(cast.pupils[0], letter="N").entry_id
    mark(cast.pupils[0], letter="L", version=version)
    mark(cast.other_pupils[0])
    where = [cast.school.urn, cast.own_class.pk, TODAY, Session.AM]
    events = cast.client("teacher").get(reverse("registers:see_entries", args=where)).context["events"]
    assert [(event.pupil, event.code.letter) for event in events] == [
        (cast.pupils[0].name, "N"),
        (cast.pupils[0].name, "L"),
    ]
