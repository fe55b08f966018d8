"""The class teacher's part: her class only, the conversation, a concern in two clicks, and praise."""

from datetime import timedelta

import pytest
from django.urls import reverse

from attendance_mis.models import AuditRow
from casework.actions import deciding
from casework.actions.evaluating import evaluate
from casework.models import Proposal, Task
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")
TALK = {
    "on": "2025-03-11", "present": "Mother", "reasons": "Asthma.", "barriers": "", "impact": "",
    "voice": "I like maths.",
    "support": "A quiet start.", "first_review": "2025-04-01", "second_review": "2025-04-22",
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
    assert row.summary == (
        "First conversation on 11 March 2025 with Mother. Reasons: Asthma. The child says: I like maths. "
        "Agreed: A quiet start."
    )
    assert row.pupil_id == child.pk


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"on": "2025-03-12"}, "This day has not come yet."),
        ({"first_review": "2025-03-11"}, "The first review must be after the conversation."),
        ({"second_review": "2025-04-01"}, "The second review must be after the first."),
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
    page = cast.client("teacher").get(url(cast, "see_own_class")).content.decode()
    assert f"{child} has left Tier 1" in page
