"""Meetings, referrals, supervision and impact: the pages, the letters and tasks they make, and who is kept out."""

from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import cases, meetings
from casework.agenda import case_files
from casework.models import Agency, Case, Meeting, Referral, Supervision, Task
from letters.actions.templates import note_sensitivity
from letters.models import Letter
from registers.models import Contact
from tests.conftest import TODAY, Cast
from tests.factories import LONDON, ContactFactory

pytestmark = pytest.mark.usefixtures("clock")
AFTER = datetime(2025, 3, 20, 12, 0, tzinfo=LONDON)


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


@pytest.fixture
def case(cast: Cast) -> Case:
    return cases.open_case(
        pupil=cast.pupils[0], lead_id=cast.people["manager"].pk, concern="Often ill on Mondays.", today=TODAY,
        by=cast.actor("manager"),
    )  # fmt: skip


@pytest.fixture
def mother(case: Case) -> Contact:
    found: Contact = ContactFactory(pupil=case.pupil, receives_letters=True)
    return found


def meeting_at(**given: object) -> dict[str, object]:
    return {
        "kind": "improvement", "on": "2025-03-20", "time": "09:30", "place": "Room 4", "others": "",
        "with_letter": "on", **given,
    }  # fmt: skip


def plan(cast: Cast, case: Case, mother: Contact) -> Meeting:
    return meetings.plan_meeting(
        case=case, kind="improvement", at=datetime(2025, 3, 20, 9, 30, tzinfo=LONDON), place="Room 4", others="",
        invited=[mother], by=cast.actor("manager"),
    )  # fmt: skip


def test_plan_a_meeting_and_propose_its_letter(cast: Cast, case: Case, mother: Contact) -> None:
    client = cast.client("manager")
    answer = client.post(url(cast, "plan_meeting", case.pk), meeting_at(invited=[mother.pk]))
    meeting = Meeting.objects.get()
    assert answer.url == url(cast, "see_meeting", meeting.pk)
    letter = Letter.objects.get()
    assert (letter.occasion, letter.given["meeting_day"], letter.given["meeting_place"]) == (
        "improvement_meeting", "2025-03-20", "Room 4",
    )  # fmt: skip
    assert f"{meeting}" in client.get(url(cast, "see_case", case.pupil_id)).content.decode()
    file = client.get(url(cast, "meeting_calendar", meeting.pk))
    assert file["Content-Type"].startswith("text/calendar")
    assert b"DTSTART:20250320T093000Z" in file.content
    assert case.pupil.surname.encode() not in file.content
    assert "Planned: Attendance Improvement Meeting" in client.get(case.pupil.get_absolute_url()).content.decode()


def test_a_parent_under_a_court_order_is_not_invited(cast: Cast, case: Case, mother: Contact) -> None:
    note_sensitivity(
        pupil=case.pupil, kind="court_order", note="", start=TODAY, by=cast.actor("manager"), contact_id=mother.pk
    )
    client = cast.client("manager")
    assert "a court order stands" in client.get(url(cast, "plan_meeting", case.pk)).content.decode()
    refused = client.post(url(cast, "plan_meeting", case.pk), meeting_at(invited=[mother.pk], others="Ms Okafor"))
    assert refused.status_code in (302, 422)  # her box is not offered: sent all the same it counts for nothing
    assert not Meeting.objects.filter(invitees__contact=mother).exists()
    with pytest.raises(Refused, match="court order"):
        plan(cast, case, mother)


def test_a_meeting_is_in_the_future_and_for_somebody(cast: Cast, case: Case) -> None:
    page = cast.client("manager").post(url(cast, "plan_meeting", case.pk), meeting_at(on="2025-03-10"))
    assert page.status_code == 422
    assert "recorded as a contact" in page.content.decode()
    assert "Say who is to come" in page.content.decode()


def test_record_a_meeting_with_its_tasks_letter_and_hints(cast: Cast, case: Case, mother: Contact) -> None:
    meeting, client = plan(cast, case, mother), cast.client("manager")
    invitee = meeting.invitees.get()
    values = {
        "outcome": "held", "came": [invitee.pk], "present": "", "minutes": "She refused breakfast club.",
        "what_1": "Call on Fridays", "who_1": "School", "by_1": "2025-03-28", "owner": "office staff",
        "next_on": "2025-04-24", "with_letter": "on",
    }  # fmt: skip
    early = client.post(url(cast, "record_meeting", meeting.pk), values)
    assert "has not begun yet" in early.content.decode()
    with time_machine.travel(AFTER, tick=False):
        client = cast.client("manager")
        assert client.post(url(cast, "record_meeting", meeting.pk), values).status_code == 302
        again = client.post(url(cast, "record_meeting", meeting.pk), values)
        assert (again.status_code, Task.objects.count()) == (422, 2)
        assert set(Task.objects.values_list("title", "owner", "due")) == {
            ("Call on Fridays (School)", "office staff", date(2025, 3, 28)),
            ("Attendance Improvement Meeting: the next one", "attendance manager", date(2025, 4, 24)),
        }
        notes = Letter.objects.get(occasion="meeting_notes")
        assert (notes.given["was_held"], notes.given["next_day"]) == (mother.name, "2025-04-24")
        page = client.get(url(cast, "see_meeting", meeting.pk)).content.decode()
        assert "“refused”" in page
        minutes = {"version": 1, "minutes": "She said no to breakfast club."}
        assert client.post(url(cast, "change_minutes", meeting.pk), minutes).status_code == 302
        late = client.post(url(cast, "change_minutes", meeting.pk), minutes | {"minutes": "Mine."})
        assert (late.status_code, "meanwhile" in late.content.decode()) == (422, True)
        assert "Perhaps kinder" not in client.get(url(cast, "see_meeting", meeting.pk)).content.decode()


def test_nobody_came(cast: Cast, case: Case, mother: Contact) -> None:
    meeting = plan(cast, case, mother)
    with time_machine.travel(AFTER, tick=False):
        values = {"outcome": "missed", "minutes": "", "present": "", "with_letter": "on"}
        assert cast.client("manager").post(url(cast, "record_meeting", meeting.pk), values).status_code == 302
    meeting.refresh_from_db()
    assert (meeting.state, meeting.invitees.get().came) == ("missed", False)
    letter = Letter.objects.get(occasion="meeting_notes")
    assert "was_held" not in letter.given


def test_put_off(cast: Cast, case: Case, mother: Contact) -> None:
    meeting, client = plan(cast, case, mother), cast.client("manager")
    with pytest.raises(Refused, match="planned for this moment already"):
        plan(cast, case, mother)
    values = {"outcome": "cancelled", "minutes": "", "present": "", "with_letter": "on"}
    assert client.post(url(cast, "record_meeting", meeting.pk), values).status_code == 302
    assert [letter.state for letter in Letter.objects.all()] == ["dropped"]
    assert b"STATUS:CANCELLED" in client.get(url(cast, "meeting_calendar", meeting.pk)).content
    assert meeting.invitees.get().came is None


def referral(agency: Agency, **given: object) -> dict[str, object]:
    return {
        "agency": agency.pk, "sent_on": TODAY, "concern": "Often ill.", "what": "Form EH1", "consent": "given",
        "because": "", "due": "2025-03-20", **given,
    }  # fmt: skip


def test_refer_and_record_the_answer(cast: Cast, case: Case, mother: Contact) -> None:
    client, child = cast.client("manager"), case.pupil
    added = {"name": "Elm welfare", "service": "welfare", "answer_days": 14, "is_in_use": "on"}
    assert client.post(url(cast, "add_agency"), added).status_code == 302
    twice = client.post(url(cast, "add_agency"), added)
    assert (twice.status_code, "on the list already" in twice.content.decode()) == (422, True)
    agency = Agency.objects.get()
    refused = client.post(url(cast, "refer", child.pk), referral(agency, consent="withheld"))
    assert (refused.status_code, "Say why it goes" in refused.content.decode()) == (422, True)
    assert client.post(url(cast, "refer", child.pk), referral(agency, with_letter="on")).status_code == 302
    assert Letter.objects.get(occasion="referral").given == {"service": "Elm welfare"}
    row = Referral.objects.get()
    with time_machine.travel(datetime(2025, 3, 21, 9, tzinfo=LONDON), tick=False):
        client = cast.client("manager")
        assert "overdue since 20 Mar" in client.get(url(cast, "see_referrals")).content.decode()
        assert "answer overdue since 20 March" in client.get(url(cast, "see_case", child.pk)).content.decode()
        answer = {"on": "2025-03-21", "outcome": "accepted", "answer": "A worker calls on Monday."}
        assert client.post(url(cast, "answer_referral", row.pk), answer).status_code == 302
        assert client.post(url(cast, "answer_referral", row.pk), answer).status_code == 422
        assert "overdue" not in client.get(url(cast, "see_referrals")).content.decode()
        timeline = client.get(child.get_absolute_url()).content.decode()
    assert "Elm welfare answered the referral" in timeline


def test_supervision_overdue_decided_and_its_agenda(cast: Cast, case: Case) -> None:
    cases.add_note(case=case, text="Secret illness.", is_confidential=True, by=cast.actor("lead"))
    with time_machine.travel(datetime(2025, 4, 23, 9, tzinfo=LONDON), tick=False):  # 43 days on
        client = cast.client("lead")
        assert "1 overdue" in client.get(url(cast, "see_supervision")).content.decode()
        decided = {"on": "2025-04-23", "present": "Lead", "decision": "A plan until June."}
        assert client.post(url(cast, "supervise", case.pk), decided).status_code == 302
        assert client.post(url(cast, "supervise", case.pk), decided | {"on": "2025-04-24"}).status_code == 422
        assert "None is overdue" in client.get(url(cast, "see_supervision")).content.decode()
        assert "A plan until June." in client.get(url(cast, "see_case", case.pupil_id)).content.decode()
        pdf = client.get(url(cast, "supervision_agenda"), {"case": [case.pk, "x"]})
    assert pdf.content.startswith(b"%PDF")
    assert AuditRow.objects.filter(verb="make_agenda", pupil_id=case.pupil_id).exists()
    assert Supervision.objects.count() == 1


def test_more_cases_cost_no_more_queries(cast: Cast, case: Case) -> None:
    client, counts = cast.client("lead"), []
    for others in ([], cast.pupils[1:4]):
        for pupil in others:
            lead = cast.people["manager"].pk
            cases.open_case(pupil=pupil, lead_id=lead, concern="Often ill.", today=TODAY, by=cast.actor("manager"))
        for name in ("see_supervision", "supervision_agenda", "see_impact"):
            client.get(url(cast, name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(url(cast, name)).status_code == 200
            counts.append(len(queries))
    assert counts[:3] == counts[3:]


def test_the_case_file_is_in_date_order_and_keeps_secrets(cast: Cast, case: Case) -> None:
    cases.add_note(case=case, text="Secret illness.", is_confidential=True, by=cast.actor("lead"))
    cases.add_note(case=case, text="Father rang.", is_confidential=False, by=cast.actor("lead"))
    [file] = case_files(cast.school, [case], TODAY)
    said = [row.summary for row in file.chronology]
    assert said[0].startswith("Opened a case")
    assert said[-1] == "Noted: Father rang."
    assert "Secret" not in "".join(said)


def test_impact_names_nobody(cast: Cast, case: Case) -> None:
    cases.add_barrier(case=case, side="in_school", what="Mornings", today=TODAY, by=cast.actor("lead"))
    page = cast.client("lead").get(url(cast, "see_impact")).content.decode()
    assert "In school" in page
    assert "Few cases" in page
    assert case.pupil.surname not in page
