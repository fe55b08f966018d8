"""The weekly meeting: begun once, child by child, last week's actions done or not, ended."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import weekly as actions
from casework.actions.evaluating import evaluate
from casework.actions.weekly import NewAction
from casework.models import Task, WeeklyItem, WeeklyMeeting
from casework.weekly import agenda_of
from registers.models import Registration
from tests import factories
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")
NEXT = TODAY + timedelta(days=7)


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


@pytest.fixture
def movers(cast: Cast, attend: Attend) -> Cast:
    """Three children who reached a step this week."""
    work_by(cast, "days-missed")
    for child, letter, days in zip(cast.pupils[:3], "NII", (5, 10, 4), strict=True):
        attend(child, letter, days=days)
    evaluate(school=cast.school, on=TODAY)
    return cast


def begin(cast: Cast) -> WeeklyMeeting:
    return actions.begin_weekly(school=cast.school, present="Ms Lead", by=cast.actor("manager"))


def minute(item: WeeklyItem, cast: Cast, **values) -> None:
    given = {"version": item.version, "minutes": "Ring today.", "done": {}, "agreed": [], **values}
    actions.minute_child(item=item, by=cast.actor("manager"), **given)


def test_begin_with_who_has_moved(movers: Cast) -> None:
    client = movers.client("manager")
    page = client.get(url(movers, "see_weeklies")).content.decode()
    assert "New on Stage 1 letter (Days missed)" in page
    answer = client.post(url(movers, "begin_weekly"), {"present": "Ms Lead"})
    meeting = WeeklyMeeting.objects.get()
    assert [item.pupil for item in meeting.items.select_related("pupil")] == [
        movers.pupils[0], movers.pupils[1], movers.pupils[2],
    ]  # fmt: skip
    assert answer.url == meeting.items.first().get_absolute_url()
    again = client.post(url(movers, "begin_weekly"), follow=True).content.decode()
    assert "There is a meeting of today already" in again
    assert WeeklyMeeting.objects.count() == 1


def test_minutes_as_you_go_and_on_to_the_next_child(movers: Cast) -> None:
    meeting, client = begin(movers), movers.client("manager")
    first, second, _ = meeting.items.all()
    page = client.get(first.get_absolute_url()).content.decode()
    assert "1 of 3" in page
    assert "autofocus" in page
    values = {"version": "0", "minutes": "The aunt brings her.", "what_1": "Ring the aunt", "owner_1": "office staff",
              "due_1": "2025-03-14", "what_2": "", "owner_2": "office staff", "due_2": "2025-03-18"}  # fmt: skip
    answer = client.post(first.get_absolute_url(), values)
    assert answer.url == second.get_absolute_url()
    task = Task.objects.get(weekly=meeting)
    assert (task.title, task.owner, task.pupil_id) == ("Ring the aunt", "office staff", first.pupil_id)
    row = AuditRow.objects.get(verb="minute_child")
    assert (row.summary, row.pupil_id) == ("Weekly meeting of 11 March 2025: The aunt brings her.", first.pupil_id)
    late = client.post(first.get_absolute_url(), values | {"minutes": "Mine, typed long."})
    assert late.status_code == 422
    assert "Mine, typed long." in late.content.decode()
    assert "Somebody noted something about this child meanwhile" in late.content.decode()
    assert Task.objects.filter(weekly=meeting).count() == 1
    page = client.get(meeting.get_absolute_url()).content.decode()
    assert "2 not spoken of" in page
    assert "Ring the aunt" in page


def test_an_action_without_a_day(movers: Cast) -> None:
    item = begin(movers).items.first()
    values = {"version": "0", "minutes": "x", "what_1": "Ring", "owner_1": "office staff", "due_1": ""}
    answer = movers.client("manager").post(item.get_absolute_url(), values)
    assert answer.status_code == 422
    assert "Say by which day." in answer.content.decode()
    assert WeeklyItem.objects.get(pk=item.pk).spoken_at is None


def test_the_week_after(movers: Cast, attend: Attend, clock: time_machine.Traveller) -> None:
    """Last week's actions are shown done or not; who was not reached comes again; a child who left does not."""
    meeting, client = begin(movers), movers.client("manager")
    first, second, third = meeting.items.all()
    for item in (first, second):
        minute(item, movers, agreed=[NewAction(f"Ring {item.place}", "office staff", TODAY)])
    Registration.objects.filter(pupil=second.pupil).update(leaving_date=TODAY + timedelta(days=2))
    clock.move_to(datetime(2025, 3, 18, 9, tzinfo=factories.LONDON))
    with pytest.raises(Refused, match="has not been ended yet"):
        begin(movers)
    actions.end_weekly(weekly=meeting, by=movers.actor("manager"))
    with pytest.raises(Refused, match="has ended already"):
        actions.end_weekly(weekly=meeting, by=movers.actor("manager"))
    with pytest.raises(Refused, match="The meeting has ended"):
        minute(WeeklyItem.objects.get(pk=third.pk), movers)
    attend(first.pupil, "N", days=10, until=NEXT)
    evaluate(school=movers.school, on=NEXT)
    after = begin(movers)
    assert [(item.pupil_id, item.why) for item in after.items.all()] == [
        (first.pupil_id, ["Moved up from Stage 1 letter to Stage 2 letter (Days missed)", "1 action agreed last time"]),
        (third.pupil_id, ["Not reached last time"]),
    ]
    item = after.items.first()
    task = Task.objects.get(title="Ring 1")
    client = movers.client("manager")  # a week later nobody is signed in any more
    page = client.get(item.get_absolute_url()).content.decode()
    assert "What came of it: Ring 1" in page
    client.post(item.get_absolute_url(), {"version": "0", "minutes": "", f"done_{task.pk}": "She answered."})
    task.refresh_from_db()
    assert task.outcome == "She answered."
    assert "Ring 1: She answered." in client.get(item.get_absolute_url()).content.decode()
    assert AuditRow.objects.filter(verb="minute_child").latest("pk").summary.endswith("Nothing to note.")


def test_nobody_has_moved(cast: Cast) -> None:
    with pytest.raises(Refused, match="there is nothing to meet about"):
        begin(cast)
    assert "Nobody has moved." in cast.client("safeguarding").get(url(cast, "see_weeklies")).content.decode()


def test_nothing_is_noted_when_the_trail_cannot_be_written(movers: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    item = begin(movers).items.first()

    def fails(*args, **kwargs) -> None:
        raise RuntimeError("no trail")

    monkeypatch.setattr("casework.actions.weekly.audit.record", fails)
    with pytest.raises(RuntimeError):
        minute(item, movers, agreed=[NewAction("Ring", "office staff", TODAY)])
    assert WeeklyItem.objects.get(pk=item.pk).spoken_at is None
    assert not Task.objects.filter(title="Ring").exists()


def test_the_same_number_of_queries_for_more_children(movers: Cast, attend: Attend) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            agenda_of(movers.school, None, TODAY)
        return len(captured)

    few = queries()
    for child in movers.pupils[3:]:
        attend(child, "I", days=10)
    evaluate(school=movers.school, on=TODAY)
    assert len(agenda_of(movers.school, None, TODAY)[1]) == 5
    assert queries() == few
