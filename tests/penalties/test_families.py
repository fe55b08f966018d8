"""One line a family, the file for the local authority, and who has had two notices."""

import csv
from datetime import date, datetime
from io import StringIO

import pytest
import time_machine
from django.urls import reverse

from attendance_mis.models import AuditRow
from penalties.actions import after, decisions, notices, packs, watch
from penalties.models import Order
from registers.models import Contact
from tests.conftest import TODAY, Cast
from tests.factories import LONDON, ContactFactory
from tests.penalties.conftest import Absent
from tests.penalties.test_notices_of_a_school import HOME, issue, prepare, record_known, url

pytestmark = pytest.mark.usefixtures("clock")


def test_support_and_sanction_stand_on_one_line(cast: Cast, absent: Absent, django_assert_max_num_queries) -> None:
    for pupil in cast.pupils[:3]:
        mother: Contact = ContactFactory(pupil=pupil, **HOME)
        absent(pupil, "O", 10)
        issue(cast, mother)
        order = Order(school=cast.school, pupil=pupil, contact=mother, kind="contract", asked_on=date(2025, 2, 3))
        packs.record_order(order=order, by=cast.actor("manager"))
    absent(cast.pupils[3], "O", 10)
    prepare(cast, ContactFactory(pupil=cast.pupils[3], **HOME))  # waits: nothing was done yet
    client = cast.client("manager")
    client.get(url(cast, "see_families"))
    with django_assert_max_num_queries(16):
        page = client.get(url(cast, "see_families"))
    lines = {pupil: [rung.text for rung in rungs] for pupil, rungs in page.context["lines"]}
    assert set(lines) == set(cast.pupils[:3])
    assert lines[cast.pupils[0]] == [
        "Attendance contract: asked for", "Decided: a penalty notice", "Penalty notice: issued"
    ]  # fmt: skip


def test_5_25_the_years_file_for_the_authority(cast: Cast, absent: Absent, clock: time_machine.Traveller) -> None:
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    notice = issue(cast, mother)
    record_known(cast, mother, date(2024, 10, 1))  # of others: they tell the authority themselves
    notices.record_copy(notice=notice, on=TODAY, by=cast.actor("manager"))
    clock.move_to(datetime(2025, 4, 1, 9, tzinfo=LONDON))
    after.answer(notice=notice, verb="record_payment", on=date(2025, 4, 1), pounds=80, said="x", by=cast.actor("head"))
    client = cast.client("manager")
    text = client.get(url(cast, "authority_csv") + "?year=2024").content.decode("utf-8-sig")
    (row,) = csv.DictReader(StringIO(text))
    assert row["reference"] == f"PN {cast.school.urn}-{notice.pk}"
    assert (row["upn"], row["sessions"], row["copy_sent_on"]) == (mother.pupil.upn, "10", "2025-03-11")
    assert (row["pounds"], row["paid_on"], row["paid_pounds"], row["state"]) == ("160", "2025-04-01", "80", "paid")
    assert AuditRow.objects.filter(verb="export_penalties", summary__contains="2024/25").count() == 1
    assert len(list(csv.DictReader(StringIO(client.get(url(cast, "authority_csv") + "?year=x").content.decode())))) == 1
    empty = client.get(url(cast, "authority_csv") + "?year=2023").content.decode("utf-8-sig")
    assert list(csv.DictReader(StringIO(empty))) == []


def test_5_11_who_reaches_ten_again_after_two_notices_is_on_the_hub(cast: Cast, absent: Absent) -> None:
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    for issued in (date(2024, 10, 1), date(2024, 12, 6)):
        record_known(cast, mother, issued)
    client = cast.client("manager")
    assert "A third offence" not in client.get(url(cast, "see_penalties")).content.decode()
    absent(mother.pupil, "O", 10)
    watch.look(school=cast.school, on=TODAY)
    page = client.get(reverse("penalties:see_penalties", args=[cast.school.urn])).content.decode()
    assert "two notices count, a third cannot be issued" in page
    decision = prepare(cast, mother)
    decisions.decide(decision=decision, outcome="refer", reason="To court.", by=cast.actor("head"))
    assert "A third offence" not in client.get(url(cast, "see_penalties")).content.decode()
