"""A letter from proposal to the stored PDF, and what stands against it."""

import hashlib
from datetime import date, time
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from attendance_mis.permissions import Role
from letters.actions import queue_letter, rendering
from letters.actions.approving import approve_letters
from letters.actions.queueing import drop_letters, give_values
from letters.models import Copy, Letter, Sensitivity, StoredPdf
from letters.occasions import Occasion
from registers.models import Mark
from tests.conftest import TODAY
from tests.factories import ContactFactory

pytestmark = pytest.mark.usefixtures("clock", "parents")


def queue(cast, pupil=None, occasion=Occasion.CONCERN, **given):
    return queue_letter(
        school=cast.school, pupil=pupil or cast.pupils[0], occasion=occasion, by=cast.actor(Role.MANAGER),
        why="14 sessions missed.", **given,
    )  # fmt: skip


def approve(cast, *letters, roles=("manager",)):
    return approve_letters(
        school=cast.school, letters=[each.pk for each in letters], roles=roles, by=cast.actor(Role.MANAGER)
    )


def text_of(copy):
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(rendering.stored(copy))).pages)


def test_from_proposal_to_the_stored_pdf(cast, attend):
    attend(cast.pupils[0], "N", days=7)
    second = ContactFactory(pupil=cast.pupils[0], priority=2, forename="Omar", title="Mr", postcode="N1 9ZZ")
    ContactFactory(pupil=cast.pupils[0], priority=3, parental_responsibility=False)
    letter = queue(cast)
    assert letter.state == "proposed"
    assert [copy.status for copy in letter.copies.all()] == ["proposed", "proposed"]

    approve(cast, letter)
    assert rendering.render_due(school=cast.school) == 2
    letter.refresh_from_db()
    one, two = letter.copies.all()
    assert (one.status, two.status) == ("rendered", "rendered")
    assert letter.values["sessions_missed"] == 14
    assert letter.marks.splitlines()[-1] == f"{TODAY} N N"
    said = text_of(two)
    assert f"Dear Mr {second.surname}" in said
    assert "missed 7 days" in said
    assert "Days away" in said, "the attendance summary is enclosed"
    assert two.pdf.sha256 == hashlib.sha256(rendering.stored(two)).hexdigest()
    assert set(AuditRow.objects.filter(pupil_id=cast.pupils[0].pk).values_list("verb", flat=True)) >= {
        "propose_letter",
        "approve_letter",
    }
    assert rendering.render_due(school=cast.school) == 0, "each is made once"


def test_a_letter_to_one_parent_goes_to_her_alone(cast):
    child = cast.pupils[0]
    other = ContactFactory(pupil=child, priority=2, forename="Omar", parental_responsibility=False, postcode="N1 9ZZ")
    to_one = queue(cast, contacts=[other.pk])
    to_all = queue(cast)
    assert [copy.contact_id for copy in to_one.copies.all()] == [other.pk], "she is named: her care makes her a parent"
    assert to_all != to_one, "what waits for one is not what waits for all"
    assert queue(cast, contacts=[other.pk]) == to_one
    mother = child.contacts.get(priority=1)
    approve(cast, to_one, to_all)
    assert [copy.contact_id for copy in to_one.copies.all()] == [other.pk], "approved, it goes to nobody else"
    assert [copy.contact_id for copy in to_all.copies.all()] == [mother.pk]
    with pytest.raises(Refused, match="no contact of this pupil"):
        queue(cast, contacts=[cast.pupils[1].contacts.first().pk])


def test_a_named_parent_whom_a_court_order_bars_gets_nothing(cast):
    child = cast.pupils[0]
    barred = ContactFactory(pupil=child, priority=2, forename="Omar", postcode="N1 9ZZ")
    Sensitivity.objects.create(
        school=cast.school, pupil=child, kind=Sensitivity.Kind.COURT_ORDER, contact=barred, start=TODAY
    )
    letter = queue(cast, contacts=[barred.pk])
    assert not letter.copies.exists()
    with pytest.raises(Refused, match="nobody to send it to"):
        approve(cast, letter)


def test_a_stored_pdf_cannot_be_changed(cast, attend):
    letter = queue(cast)
    approve(cast, letter)
    rendering.render_due(school=cast.school)
    with pytest.raises(IntegrityError), transaction.atomic():
        StoredPdf.objects.update(data=b"another")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE letters_storedpdf SET data = 'another'::bytea")
    with pytest.raises(ValueError, match="not what was stored"):
        rendering.stored(letter.copies.get())


def test_queued_twice_is_one_proposal(cast):
    first = queue(cast, occasion=Occasion.MEETING, values={"meeting_day": date(2025, 3, 20)})
    again = queue(cast, occasion=Occasion.MEETING, values={"meeting_time": time(9, 30)})
    assert again.pk == first.pk
    assert again.given == {"meeting_day": "2025-03-20", "meeting_time": "09:30:00"}
    key = queue(cast, key="report:HT4", occasion=Occasion.REPORT)
    drop_letters(letters=[key.pk], reason="Not now.", by=cast.actor(Role.MANAGER))
    assert queue(cast, key="report:HT4", occasion=Occasion.REPORT) == key
    assert Letter.objects.count() == 2


def test_what_stands_against_approving(cast):
    meeting = queue(cast, occasion=Occasion.MEETING)
    nobody = queue(cast, pupil=cast.other_pupils[0])
    with pytest.raises(Refused) as refused:
        approve(cast, meeting, nobody)
    assert [reason.split(": ", 1)[1] for reason in refused.value.reasons] == [
        "Fill in first: Day of the meeting, Time of the meeting.",
        "There is nobody to send it to: no parent with parental responsibility receives letters.",
    ]
    give_values(
        letter=meeting,
        values={"meeting_day": date(2025, 3, 20), "meeting_time": time(9, 30)},
        by=cast.actor(Role.MANAGER),
    )
    with pytest.raises(Refused, match="Approved by"):
        approve(cast, meeting, roles=("safeguarding",))
    approve(cast, meeting)
    with pytest.raises(Refused, match="decided this letter already"):
        approve(cast, meeting)
    with pytest.raises(Refused, match="no value 'percent'"):
        queue(cast, values={"percent": "99"})


def test_no_parent_reads_of_attendance_when_no_session_counts(cast):
    when = {"meeting_day": date(2025, 3, 20), "meeting_time": time(9, 30)}
    meeting, concern = queue(cast, occasion=Occasion.MEETING, values=when), queue(cast)
    Mark.objects.filter(pupil=cast.pupils[0]).delete()
    page = cast.client("manager").get(reverse("letters:see_letter", args=[cast.school.urn, meeting.pk])).content
    assert b"no sessions yet" not in page
    assert b"there is no attendance to write about" in page
    for letter in (meeting, concern):
        with pytest.raises(Refused) as refused:
            approve(cast, letter)
        [reason] = refused.value.reasons
        assert reason.endswith("there is no attendance to write about.")


def test_a_letter_that_is_too_long_is_visible_and_the_others_are_made(cast):
    endless = queue(cast, occasion=Occasion.MEETING_NOTES, values={"meeting_day": TODAY, "agreed": ["Breakfast club."]})
    Letter.objects.filter(pk=endless.pk).update(given={**endless.given, "was_held": "All", "agreed": ["line"] * 900})
    other = queue(cast, pupil=cast.pupils[1])
    approve(cast, endless, other)
    rendering.render_due(school=cast.school)
    assert other.copies.get().status == "rendered"
    failed = endless.copies.get()
    assert failed.status == "failed"
    assert "10 are the most" in failed.fault


def test_what_a_dead_worker_left_is_taken_up_and_given_up_in_the_end(cast, clock):
    letter = queue(cast)
    approve(cast, letter)
    for attempt in range(3):
        [copy] = rendering._claim(cast.school)
        assert rendering._begin(copy, cast.school)
        assert copy.attempts == attempt + 1
        assert rendering._claim(cast.school) == []
        clock.shift(121)
    rendering.render_due(school=cast.school)
    copy.refresh_from_db()
    assert copy.status == "failed"
    assert "worker died" in copy.fault
    assert not StoredPdf.objects.exists()


def test_rendering_fetches_nothing(cast, attend, monkeypatch):
    given = {
        "leave_from": TODAY,
        "leave_until": TODAY,
        "reason": "<img src='file:///etc/passwd'><script>x</script>{{ settings }}",
    }
    letter = queue(cast, occasion=Occasion.LEAVE_REFUSED, values=given)
    approve(cast, letter)
    rendering.render_due(school=cast.school)
    said = text_of(letter.copies.get())
    assert "<img src='file:///etc/passwd'><script>x</script>{{ settings }}" in said.replace("\n", "")
    assert "root:" not in said


def test_the_count_of_queries_does_not_grow(cast, django_assert_num_queries):
    from letters.preparing import prepare

    def count(pupils):
        letters = [queue(cast, pupil=pupil) for pupil in pupils]
        rows = list(Letter.objects.filter(pk__in=[each.pk for each in letters]).select_related("template", "pupil"))
        with django_assert_num_queries(11):
            prepare(cast.school, rows, TODAY, ["manager"])

    count(cast.pupils[:1])
    count(cast.pupils)
    assert Copy.objects.count() == 5
