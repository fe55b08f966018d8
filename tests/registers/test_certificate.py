"""A registration certificate: what it prints, that it stays what it was, and that the record confirms it."""

import csv
import io
from datetime import date, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis import seals
from attendance_mis.actions import Refused
from registers import record
from registers.actions.amending import Wanted, amend_mark
from registers.actions.certificates import issue_certificate
from registers.calendar_rules import Session
from registers.facts import Slot
from registers.models import Certificate
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import LONDON
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")
FIRST, LAST = date(2025, 3, 3), date(2025, 3, 7)
MONDAY = FIRST


@pytest.fixture
def child(cast, mark, clock):
    """A week of one pupil: an N of Monday amended to I on Tuesday, a late arrival, a closed Wednesday afternoon."""
    [pupil, *_] = cast.pupils
    clock.move_to(datetime(2025, 3, 3, 9, 5, tzinfo=LONDON))
    version = mark(pupil, letter="N", day=MONDAY).entry_id
    send(cast, cast.own_class, day=MONDAY)
    clock.move_to(datetime(2025, 3, 4, 9, 5, tzinfo=LONDON))
    mark(pupil, letter="L", day=date(2025, 3, 4))
    clock.move_to(datetime(2025, 3, 4, 11, 0, tzinfo=LONDON))
    wanted = Wanted(Slot(pupil.pk, MONDAY, Session.AM), "I", version)
    amend_mark(school=cast.school, wanted=wanted, reason="Mother rang: ill", by=cast.actor("office"))
    clock.move_to(REGISTER_TIME)
    return pupil


def issue(cast, pupil, **more):
    return issue_certificate(pupil=pupil, **{"first": FIRST, "last": LAST, "by": cast.actor("office")} | more)


def words(certificate):
    pages = PdfReader(io.BytesIO(bytes(certificate.pdf))).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


def lines(certificate):
    return list(csv.DictReader(io.StringIO(bytes(certificate.csv).decode("utf-8-sig"))))


def test_every_session_amendment_and_total(cast, child):
    made = issue(cast, child)
    found = lines(made)
    assert len(found) == 10
    assert [line["code"] for line in found] == ["I", "", "L", "", "", "", "", "", "", ""]
    assert "N to I, 2025-03-04 11:00" in found[0]["amendments"]
    text = words(made)
    for printed in (
        child.upn, "Mother rang: ill", "Office staff", "as it was recorded on 11 March 2025 at 09:05", made.check_value,
        "Signed", cast.school.urn, "Illness", "3 Mar 2025", "Page 1 of",
    ):  # fmt: skip
        assert printed in text, printed


def test_as_recorded_before_the_amendment(cast, child):
    made = issue(cast, child, last=date(2025, 3, 4), moment=datetime(2025, 3, 4, 10, 0, tzinfo=LONDON))
    assert [line["code"] for line in lines(made)] == ["N", "", "L", ""]
    assert "None of these entries was amended" in words(made)
    assert made.check_value != issue(cast, child, last=date(2025, 3, 4)).check_value


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"first": date(2025, 3, 8)}, "before the first"),
        ({"moment": REGISTER_TIME + timedelta(hours=1)}, "a moment to come"),
        ({"last": TODAY + timedelta(1)}, "nothing was recorded yet"),
        ({"first": date(2025, 2, 15), "last": date(2025, 2, 16)}, "no session in these days"),
    ],
)
def test_refused(cast, child, more, sentence):
    with pytest.raises(Refused, match=sentence):
        issue(cast, child, **more)
    assert not Certificate.objects.exists()


def test_the_file_is_the_same_again_after_the_record_moved_on(cast, child, clock):
    made = issue(cast, child)
    client = cast.client("office")
    address = reverse("registers:certificate_pdf", args=[cast.school.urn, made.pk])
    before = client.get(address).content
    clock.move_to(REGISTER_TIME + timedelta(hours=2))
    version = child.marks.get(day=MONDAY).entry_id
    amend_mark(
        school=cast.school,
        wanted=Wanted(Slot(child.pk, MONDAY, Session.AM), "M", version),
        reason="Dentist",
        by=cast.actor("office"),
    )
    assert client.get(address).content == before == bytes(made.pdf)
    assert record.confirms(made), "a later amendment changes nothing of what was recorded then"


def test_tagged_with_title_and_language(cast, child):
    reader = PdfReader(io.BytesIO(bytes(issue(cast, child).pdf)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert reader.metadata.title == f"Registration certificate {cast.school.urn}/1"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_verify_record_confirms_it_until_somebody_tampers(cast, child, capsys):
    made = issue(cast, child)
    seals.seal(cast.school)
    call_command("verify_record", "--school", cast.school.urn)
    assert "1 certificates say what the record said" in capsys.readouterr().out
    connection.check_constraints()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE registers_entry SET codes = array_fill(101::smallint, ARRAY[1]) WHERE day = %s", [MONDAY]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert not record.confirms(made)
    assert any("certificate 1" in fault for check in record.verify(cast.school).checks for fault in check.faults)


def test_the_pages(cast, child):
    office, head = cast.client("office"), cast.client("head")
    address = reverse("registers:issue_certificate", args=[cast.school.urn, child.pk])
    answer = office.post(address, {"first": "2025-03-10", "last": "2025-03-03"})
    assert answer.status_code == 422
    assert "2025-03-10" in answer.content.decode()
    assert office.post(address, {"first": FIRST, "last": LAST}).status_code == 302
    [made] = Certificate.objects.all()
    assert reverse("registers:certificate_pdf", args=[cast.school.urn, made.pk]) in office.get(address).content.decode()
    check = reverse("registers:check_certificate", args=[cast.school.urn])
    typed = f"{made.check_value[:32]} {made.check_value[32:].upper()}"
    answer = head.post(check, {"number": "1", "check_value": typed}).content.decode()
    assert "Confirmed." in answer
    assert child.legal_surname not in answer
    assert head.post(check, {"number": "1", "check_value": "f" * 64}).status_code == 422
