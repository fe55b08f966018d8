"""What is given to people as PDF, held to the rules of PDF/UA-1 that `pdfua` can check: 16 of the profile's 106."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pdfua
import pytest
from django.urls import reverse
from pypdf import PdfReader

from registers.actions import certificates
from registers.enclosure import attendance_enclosures, this_year
from reports import paper
from reports.actions import governor
from reports.querysets.people import Award, challenge, week_of_class
from tests.conftest import TODAY
from tests.factories import LONDON
from tests.reports.conftest import written

pytestmark = pytest.mark.usefixtures("clock")


def made_of(cast: Any) -> dict[str, bytes]:
    """One of each, by name."""
    school, pupils = cast.school, [pupil.pk for pupil in cast.pupils]
    award = Award(pupils[0], "Amina Ahmed", "3A", "full", Decimal(0), "100.0")
    certificate = certificates.issue_certificate(
        pupil=cast.pupils[0], first=date(2025, 1, 6), last=TODAY, by=cast.actor("head")
    )
    report = governor.make_governor_report(school=school, academic_year=2024, half_term=3, by=cast.actor("head"))
    return {
        "governors": bytes(report.pdf),
        "certificate": bytes(certificate.pdf),
        "parents": paper.parents_pdf(school, attendance_enclosures(school, pupils, *this_year(school, TODAY))),
        "class-list": paper.class_list_pdf(school, week_of_class(school, cast.own_class, date(2025, 2, 14))),
        "newsletter": paper.newsletter_pdf(school, challenge(school, date(2025, 2, 14))),
        "awards": paper.awards_pdf(school, "HT3 2024/25", [award]),
    }


def test_nothing_is_found_against_any_of_them(cast, school_of_sixty, clock, tmp_path):
    clock.move_to(datetime(2025, 3, 11, 10, 0, tzinfo=LONDON))
    written(cast.pupils[:1], missed=0, first=date(2025, 2, 24), last=date(2025, 3, 7))
    for name, content in made_of(cast).items():
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(content)
        findings = [str(each) for outcome in pdfua.validate(str(path)).outcomes for each in outcome.findings]
        assert not findings, (name, findings)


def elements(node: Any, parent: str = "") -> Any:
    """Each tag of a PDF with the tag it stands in, in order."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from elements(each, parent)
    elif isinstance(node, dict) and "/S" in node:
        yield node["/S"], parent
        yield from elements(node.get("/K", []), node["/S"])


def test_lists_hold_items_and_items_stand_in_lists(cast, school_of_sixty, clock):
    """Rules of `outloud` (LST-001, LST-003, HDG-002) that `pdfua` does not have."""
    clock.move_to(datetime(2025, 3, 11, 10, 0, tzinfo=LONDON))
    paper_register = cast.client("head").get(
        reverse("registers:paper_register_pdf", args=[cast.school.urn, cast.own_class.pk, TODAY])
    ).content  # fmt: skip
    for name, content in {**made_of(cast), "paper": paper_register}.items():
        found = [*elements(PdfReader(BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]["/K"])]
        # A list may have a caption, and a list of its own.
        items = {(tag, parent) for tag, parent in found if (tag == "/LI") is not (parent == "/L")}
        wrong = items - {("/Caption", "/L"), ("/L", "/L")}
        assert not wrong, name
        assert next(tag for tag, _ in found if tag in ("/H1", "/H2", "/H3")) == "/H1", name
