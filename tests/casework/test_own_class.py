"""The class teacher's part: her class only, the conversation, a concern in two clicks, and praise."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from lxml import html

from attendance_mis.models import AuditRow
from casework.actions import deciding
from casework.actions.evaluating import evaluate
from casework.models import FilledForm, Proposal, Standing, Task
from registers.models import Pupil
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast
from tests.factories import make_class

pytestmark = pytest.mark.usefixtures("clock")
TALK = {
    "key": "5c2f6f0e-0f0e-4d2b-9f5e-2f6f0e0f0e4d", "on": "2025-03-11", "how": "In school", "present": "Mother",
    "reasons_child": "I like maths.", "reasons_parents": "Asthma.", "support_class": "A quiet start.",
    "first_review": "2025-04-01", "second_review": "2025-04-22",
}  # fmt: skip


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def test_her_own_class_at_the_steps_she_owns(cast: Cast, attend: Attend) -> None:
    work_by(cast, "tiers")
    mine, worse, other = cast.pupils[0], cast.pupils[1], cast.other_pupils[0]
    attend(mine, "I", days=7)
    attend(worse, "I", days=14)
    attend(other, "I", days=7)
    evaluate(school=cast.school, on=TODAY)
    page = cast.client("teacher").get(url(cast, "see_own_class")).content.decode()
    assert url(cast, "record_conversation", mine.pk) in page
    assert url(cast, "record_conversation", worse.pk) not in page
    assert url(cast, "raise_concern", worse.pk) in page
    assert url(cast, "raise_concern", other.pk) not in page


def test_a_head_chooses_the_class_of_a_child_who_worries_her(cast: Cast) -> None:
    client, address = cast.client("head"), url(cast, "see_own_class")
    mine, other = (url(cast, "raise_concern", each.pk) for each in (cast.pupils[0], cast.other_pupils[0]))
    page = client.get(address).content.decode()
    assert "Choose a class" in page
    assert mine not in page
    assert other not in page
    page = client.get(address, {"class": cast.own_class.pk}).content.decode()
    assert mine in page
    assert other not in page
    for wrong in ("", "x", cast.strange_class.pk):
        assert "Choose a class that has pupils today." in client.get(address, {"class": wrong}).content.decode()
    assert "Choose a class" not in cast.client("teacher").get(address).content.decode()


@pytest.fixture
def many(cast: Cast) -> list[Pupil]:
    """Thirty of a class of year 5 and four of year 3 to talk with."""
    _, fives = make_class(cast.school, "5C", 30, year_group="5")
    pupils = [*fives, *cast.pupils[:4]]
    Standing.objects.bulk_create(
        Standing(
            school=cast.school, pupil=pupil, ladder="Attendance", step="First conversation", index=0,
            since=TODAY - timedelta(n), value="7", reason="Seven.", owner="class teacher", evaluated_on=TODAY,
            attended=90, absent=n, possible=90 + n,
        )
        for n, pupil in enumerate(pupils)
    )  # fmt: skip
    return pupils


def test_a_head_pages_and_filters_whom_to_talk_with(cast: Cast, many: list[Pupil]) -> None:
    """As other lists: 25 a page, sorted and filtered by the address; as a file all that the filters leave."""
    client, address = cast.client("head"), url(cast, "see_own_class")

    def told(query: str) -> list[int]:
        page = html.fromstring(client.get(f"{address}{query}").content.decode())
        links = page.xpath("//table[@id='to-talk-with']//a[starts-with(., 'Record the conversation')]/@href")
        return [int(re.findall(r"/(\d+)/", link)[-1]) for link in links]

    first, second = told(""), told("?page=2")
    assert (len(first), len(second)) == (25, 9)
    assert {*first, *second} == {pupil.pk for pupil in many}
    assert told("?sort=-days_missed")[:2] == [many[-1].pk, many[-2].pk]
    assert {*told("?year=3")} == {pupil.pk for pupil in many[30:]}
    fives = {*told("?year=5"), *told("?year=5&page=2")}
    assert fives == {pupil.pk for pupil in many[:30]}
    assert {*told(f"?of_class={cast.own_class.pk}")} == {pupil.pk for pupil in many[30:]}
    page = client.get(f"{address}?year=R").content.decode()
    assert "No pupil fits these filters." in page
    assert 'name="year" value="R"' in page, "choosing a class below leaves the list as it is"
    file = client.get(f"{address}?year=5&file=to-talk-with.csv").content.decode("utf-8-sig")
    assert len(file.splitlines()) == 31
    mine = cast.client("teacher").get(address).content.decode()
    assert "Filter the pupils to talk with" not in mine
    assert mine.count("Record the conversation") == 4


def test_a_page_of_whom_to_talk_with_costs_as_much_for_many(cast: Cast, many: list[Pupil]) -> None:
    client, address = cast.client("head"), url(cast, "see_own_class")

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(address).status_code == 200
        return len(counted)

    all_of_them = queries()
    Standing.objects.filter(pupil__in=many[3:]).delete()
    assert queries() == all_of_them
    Standing.objects.all().delete()
    assert "Nobody needs a first conversation now." in client.get(address).content.decode()


def test_record_a_conversation(cast: Cast, attend: Attend) -> None:
    work_by(cast, "tiers")
    child = cast.pupils[0]
    attend(child, "I", days=7)
    evaluate(school=cast.school, on=TODAY)
    asked = Proposal.objects.get(pupil=child, kind="task")
    task = deciding.accept(proposal=asked, by=cast.actor("manager"))
    client = cast.client("teacher")
    assert client.post(url(cast, "record_conversation", child.pk), TALK).status_code == 302
    task.refresh_from_db()
    assert task.outcome == "The conversation was held."
    assert list(Task.objects.to_do().values_list("title", "due")) == [
        ("First review of the conversation of 11 March", TODAY + timedelta(weeks=3)),
        ("Second review of the conversation of 11 March", TODAY + timedelta(weeks=6)),
    ]
    row = AuditRow.objects.get(verb="record_conversation")
    assert row.summary == "First conversation on 11 March 2025 with Mother. Agreed: A quiet start."
    assert row.pupil_id == child.pk
    filled = FilledForm.objects.get()
    assert filled.answers["reasons_child"] == "I like maths."
    assert client.post(url(cast, "record_conversation", child.pk), TALK).status_code == 302
    assert FilledForm.objects.count() == 1, "a click sent twice is one form"
    page = client.get(url(cast, "see_conversation", filled.pk)).content.decode()
    assert "I like maths." in page
    assert "Correct it" not in page
    assert client.get(url(cast, "conversation_pdf", filled.pk)).content.startswith(b"%PDF")
    assert url(cast, "see_conversation", filled.pk) in client.get(url(cast, "see_own_class")).content.decode()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"on": "2025-03-12"}, "This day has not come yet."),
        ({"first_review": "2025-03-11"}, "First review must be after this: day of the conversation."),
        ({"second_review": "2025-04-01"}, "Second review must be after this: first review."),
    ],
)
def test_days_out_of_order(cast: Cast, change: dict, said: str) -> None:
    answer = cast.client("teacher").post(url(cast, "record_conversation", cast.pupils[0].pk), TALK | change)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "A quiet start." in answer.content.decode()
    assert not Task.objects.exists()


def test_tell_the_lead_in_two_clicks(cast: Cast) -> None:
    client, child = cast.client("teacher"), cast.pupils[0]
    client.post(url(cast, "raise_concern", child.pk), {"concern": "She sleeps in class."})
    task = Task.objects.get()
    assert (task.owner, task.text, task.due) == ("attendance lead", "She sleeps in class.", TODAY + timedelta(days=1))
    page = cast.client("lead").get(url(cast, "see_case", child.pk)).content.decode()
    assert "Raised a concern: She sleeps in class." in page


def test_not_anothers_class(cast: Cast) -> None:
    values = {"concern": "x"}
    where = url(cast, "raise_concern", cast.other_pupils[0].pk)
    assert cast.client("teacher").post(where, values).status_code == 403
    assert cast.client("office").post(where, values).status_code == 403
    assert not Task.objects.exists()


def test_praise(cast: Cast, attend: Attend) -> None:
    work_by(cast, "tiers")
    child = cast.pupils[0]
    attend(child, "I", days=7)
    evaluate(school=cast.school, on=TODAY)
    attend(child)
    for later in (1, 8):
        evaluate(school=cast.school, on=TODAY + timedelta(days=later))
    client, left = cast.client("teacher"), Standing.objects.get(pupil=child, step="Tier 1")
    page = client.get(url(cast, "see_own_class")).content.decode()
    assert "No longer at Tier 1" in page
    client.post(url(cast, "praise", left.pk))
    assert "No longer at Tier 1" not in client.get(url(cast, "see_own_class")).content.decode()
    assert AuditRow.objects.get(verb="praise").pupil_id == child.pk
    again = client.post(url(cast, "praise", left.pk), follow=True).content.decode()
    assert "Somebody has praised the child for this already." in again
    dashboard = cast.client("manager").get(url(cast, "see_escalations")).content.decode()
    assert f"praised by {cast.people['teacher']}" in dashboard
