"""The calendar feed: who has an address, what is in it as her role stands when it is asked for, and no name ever."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.actions import add_person, edit_person, end_membership, make_feed
from attendance_mis.models import AuditRow, CalendarFeed, Membership, User
from casework.actions import cases, deciding, leave, plans
from casework.leave_rules import Span
from casework.models import Agency, Case, Meeting, Referral
from registers.codes import code_for
from registers.models import CalendarEntry, Mark
from tests.conftest import REGISTER_TIME, TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")
DAY = timedelta(1)
TOLD = "Zainab hid under the stairs"  # what somebody typed about a child


def address_of(cast: Cast, role: str) -> str:
    secret = make_feed(school=cast.school, user=cast.people[role], by=cast.actor(role))
    return reverse("read_feed", args=[secret])


def read(address: str) -> str:
    """The feed as a calendar reads it: lines made whole again."""
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.content.decode().replace("\r\n ", "").replace("\r\n", "\n")


def titles(feed: str) -> list[str]:
    return [line.removeprefix("SUMMARY:") for line in feed.split("\n") if line.startswith("SUMMARY:")]


def event_of(feed: str, title: str) -> dict[str, str]:
    """The only event of a title, by the words of its lines."""
    [found] = [each for each in feed.split("BEGIN:VEVENT\n")[1:] if f"SUMMARY:{title}\n" in each]
    return dict(line.split(":", 1) for line in found.split("\nEND:VEVENT")[0].split("\n"))


@pytest.fixture
def case(cast: Cast) -> Case:
    """A child with a case, and something of every kind that a feed tells of."""
    by, pupil = cast.actor("manager"), cast.pupils[0]
    made = cases.open_case(pupil=pupil, lead_id=cast.people["manager"].pk, concern=TOLD, today=TODAY, by=by)
    plans.make_plan(
        case=made, version=made.version, starts=TODAY, review_on=TODAY + 28 * DAY, support=TOLD, targets=[], actions=[],
        by=by,
    )  # fmt: skip
    Meeting.objects.create(
        school=cast.school, case=made, kind="panel", at=REGISTER_TIME + 9 * DAY, place=TOLD, others=TOLD, version=2,
        planned_at=REGISTER_TIME,
    )  # fmt: skip
    for _ in range(2):
        deciding.add_task(
            school=cast.school, pupil_id=pupil.pk, title=TOLD, text=TOLD, owner="office staff", due=TODAY + DAY, by=by
        )
    return made


def ask_leave(cast: Cast) -> None:
    days = Span(TODAY + 7 * DAY, TODAY + 8 * DAY)
    asked = leave.Application(TODAY, days, ("Ms Example",), (), "exceptional", TOLD)
    leave.ask_leave(school=cast.school, pupils=[cast.pupils[0]], application=asked, by=cast.actor("office"))


def test_a_person_makes_her_address_and_sees_it_once(cast: Cast) -> None:
    client = cast.client("teacher")
    assert "Your calendar has no address yet" in client.get(cast.url("calendar/")).text
    made = client.post(cast.url("calendar/make/"))
    address = made.context["link"]
    assert address in made.text
    assert made["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    read(address.removeprefix("http://testserver"))
    page = client.get(cast.url("calendar/")).text
    secret = address.split("/")[-2]
    assert secret not in page
    assert "11 March 2025, 09:05" in page
    assert secret not in str(list(CalendarFeed.objects.values()) + list(AuditRow.objects.values()))
    assert AuditRow.objects.filter(verb="make_feed", by_name=cast.people["teacher"].name).exists()


def test_a_new_address_and_the_end_make_the_old_one_void_at_once(cast: Cast) -> None:
    first = address_of(cast, "manager")
    second = address_of(cast, "manager")
    assert Client().get(first).status_code == 404
    read(second)
    client = cast.client("manager")
    client.post(cast.url("calendar/end/"))
    assert Client().get(second).status_code == 404
    assert AuditRow.objects.filter(verb="end_feed").count() == 1
    again = client.post(cast.url("calendar/end/"), follow=True)
    assert "There is no calendar address to end" in again.text
    assert Client().get("/feed/guessed/calendar.ics").status_code == 404


def test_whole_days_end_on_the_morning_after(cast: Cast) -> None:
    CalendarEntry.objects.create(
        school=cast.school, start=date(2025, 3, 27), end=date(2025, 3, 28), kind="closure", label="Boiler; new, at last"
    )
    feed = read(address_of(cast, "governor"))
    closure = event_of(feed, "Boiler\\; new\\, at last")
    assert closure["DTSTART;VALUE=DATE"] == "20250327"
    assert closure["DTEND;VALUE=DATE"] == "20250329"
    assert closure["TRANSP"] == "TRANSPARENT"
    assert f"X-WR-CALNAME:{cast.school}: attendance" in feed
    # Seven weeks are two days, this year's and the last one's.
    for half_term in CalendarEntry.objects.filter(kind="HT4"):
        assert f"DTSTART;VALUE=DATE:{half_term.start:%Y%m%d}\nDTEND;VALUE=DATE:{half_term.start + DAY:%Y%m%d}" in feed
        assert f"DTSTART;VALUE=DATE:{half_term.end:%Y%m%d}\nDTEND;VALUE=DATE:{half_term.end + DAY:%Y%m%d}" in feed
    uids = [line for line in feed.split("\n") if line.startswith("UID:")]
    assert len(uids) == len(set(uids))


def test_the_dates_of_casework_for_who_reads_cases(cast: Cast, case: Case) -> None:
    ask_leave(cast)
    feed = read(address_of(cast, "head"))
    meeting = event_of(feed, f"Attendance panel\\, {cast.school}")
    assert meeting["UID"].startswith("meeting-")
    assert meeting["DTSTART"] == "20250320T090500Z"
    assert meeting["SEQUENCE"] == "2"
    assert meeting["LAST-MODIFIED"] == "20250311T090500Z"
    assert meeting["URL"] == f"http://testserver{cast.url(f'casework/meetings/{case.meetings.get().pk}/')}"
    assert event_of(feed, "Review of a plan")["DTSTART;VALUE=DATE"] == "20250408"
    assert event_of(feed, "Task (2)")["DTSTART;VALUE=DATE"] == "20250312"
    assert event_of(feed, "Leave that is not decided begins")["DTSTART;VALUE=DATE"] == "20250318"


def test_clocks_are_counted_by_kind_and_day(cast: Cast) -> None:
    cast.pupils[0].registrations.update(admission_date=TODAY)
    cast.pupils[1].registrations.update(admission_date=TODAY)
    new = event_of(read(address_of(cast, "office")), "New pupil: tell the local authority (2)")
    assert new["DTSTART;VALUE=DATE"] == f"{TODAY + 5 * DAY:%Y%m%d}"
    assert new["DESCRIPTION"] == "Make the return"


def test_no_name_and_no_word_about_a_child_leaves_the_house(cast: Cast, case: Case) -> None:
    ask_leave(cast)
    Referral.objects.create(
        school=cast.school, pupil=cast.pupils[1], concern=TOLD, what=TOLD, consent="given", sent_on=TODAY, due=TODAY,
        made_at=REGISTER_TIME, agency=Agency.objects.create(school=cast.school, name=TOLD, service="early_help"),
    )  # fmt: skip
    for role in cast.people:
        feed = read(address_of(cast, role))
        assert "Zainab" not in feed
        for pupil in cast.pupils + cast.other_pupils:
            assert pupil.surname not in feed
            assert pupil.forename not in feed


def test_each_role_reads_what_its_pages_show(cast: Cast, case: Case) -> None:
    ask_leave(cast)
    cast.pupils[1].registrations.update(admission_date=TODAY)
    marks = {
        "panel": "M L H D", "Review": "M L H D", "Task": "M L H D", "Leave that": "H", "New pupil": "O M L H D",
        "Half-term": "T O M L H D G K R",
    }  # fmt: skip
    letters = dict(zip("TOMLHDGKR", cast.people, strict=True))
    for letter, role in letters.items():
        found = " ".join(titles(read(address_of(cast, role))))
        assert {mark for mark in marks if mark in found} == {mark for mark in marks if letter in marks[mark].split()}


def test_a_worker_is_told_of_only_to_who_may_know(cast: Cast) -> None:
    cast.pupils[0].social_worker = "Ms Reed"
    cast.pupils[0].save()
    Mark.objects.filter(pupil=cast.pupils[0], day=TODAY).delete()
    Mark.objects.create(
        school=cast.school, pupil=cast.pupils[0], day=TODAY, session=1, code=code_for("N", TODAY).number, entry_id=0
    )
    assert "Social worker told" in titles(read(address_of(cast, "safeguarding")))
    assert "Social worker told" not in titles(read(address_of(cast, "office")))


def test_permission_is_that_of_the_moment_it_is_asked_for(cast: Cast, case: Case) -> None:
    address = address_of(cast, "manager")
    assert "Review of a plan" in titles(read(address))
    edit_person(
        membership=Membership.objects.get(user=cast.people["manager"]), role="teacher", position="Teacher",
        by=cast.actor("technician"),
    )  # fmt: skip
    found = titles(read(address))
    assert "Review of a plan" not in found
    assert "Half-term 4: first day" in found


def test_a_leaver_and_a_closed_account_read_nothing_more(cast: Cast) -> None:
    leaver, closed = address_of(cast, "lead"), address_of(cast, "office")
    by = cast.actor("technician")
    end_membership(membership=Membership.objects.get(user=cast.people["lead"]), by=by)
    User.objects.filter(pk=cast.people["office"].pk).update(is_active=False)
    assert Client().get(leaver).status_code == 404
    assert Client().get(closed).status_code == 404
    # She comes back: the address of before stays void.
    user = cast.people["lead"]
    add_person(school=cast.school, email=user.email, name=user.name, role="lead", position="Deputy", by=by)
    assert Client().get(leaver).status_code == 404


def test_nothing_new_is_answered_without_a_body(cast: Cast, case: Case, clock: object) -> None:
    address = address_of(cast, "manager")
    first = Client().get(address)
    assert first["Cache-Control"] == "private, no-cache"
    clock.shift(timedelta(minutes=5))  # type: ignore[attr-defined]
    same = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    Meeting.objects.update(at=REGISTER_TIME + 10 * DAY, version=3)
    moved = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert moved.status_code == 200
    assert b"SEQUENCE:3" in moved.content
    assert Client().post(address).status_code == 405


def test_a_meeting_that_was_cancelled_stands_as_cancelled(cast: Cast, case: Case) -> None:
    Meeting.objects.update(state="cancelled", recorded_at=REGISTER_TIME, recorded_by=cast.people["manager"])
    assert event_of(read(address_of(cast, "manager")), f"Attendance panel\\, {cast.school}")["STATUS"] == "CANCELLED"


def test_any_number_of_dates_takes_the_same_queries(cast: Cast, case: Case) -> None:
    address = address_of(cast, "head")
    read(address)  # notes that it was read

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            read(address)
        return len(found)

    few = queries()
    for number in range(20):
        Meeting.objects.create(
            school=cast.school, case=case, kind="panel", at=REGISTER_TIME + number * DAY, place="Room 4",
            planned_at=REGISTER_TIME,
        )  # fmt: skip
        deciding.add_task(
            school=cast.school, pupil_id=case.pupil_id, title="Call", owner="office staff", due=TODAY + number * DAY,
            by=cast.actor("manager"),
        )  # fmt: skip
    assert queries() == few


def test_whatever_a_school_calls_its_days_the_file_stays_whole(cast: Cast) -> None:
    CalendarEntry.objects.create(
        school=cast.school, start=TODAY, end=TODAY, kind="closure", label="x\r\nEND:VCALENDAR\r\n" + "é" * 60
    )
    feed = Client().get(address_of(cast, "teacher")).content
    assert feed.count(b"END:VCALENDAR\r\n") == 1
    assert all(len(line) <= 75 for line in feed.split(b"\r\n"))
