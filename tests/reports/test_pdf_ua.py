"""What is given to people as PDF, held to the rules of PDF/UA-1 that `pdfua` can check: 16 of the profile's 106."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pdfua
import pytest

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
