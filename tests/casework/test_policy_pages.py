"""The policy's pages: read, write a draft, try it, propose it, put it into force."""

from datetime import timedelta

import pytest
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import policy as actions
from casework.models import PolicyDraft
from casework.policies import policy_on
from casework.presets import preset
from registers.models import PolicyVersion
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def draft(cast: Cast) -> PolicyDraft:
    return actions.start_draft(school=cast.school, start_from="days-missed", today=TODAY, by=cast.actor("manager"))


def url(cast: Cast, name: str, *args: int) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def step(**values: object) -> dict[str, object]:
    return {"name": "Stage 1 letter", "comparison": "at_least", "threshold": "4", "owner": "attendance manager",
            "do": "Call.", "letter": "Stage 1", "tell": "", **values}  # fmt: skip


def test_the_page_speaks_in_sentences(cast: Cast) -> None:
    work_by(cast, "days-missed")
    page = cast.client("safeguarding").get(url(cast, "see_policy")).content.decode()
    assert "When days missed this year reach 15: <b>Stage 3 letter and meeting</b>; owner attendance lead" in page
    assert "Change this policy" not in page


def test_a_school_without_a_policy_is_told_so(cast: Cast) -> None:
    assert b"has not chosen a policy yet" in cast.client("manager").get(url(cast, "see_policy")).content


def test_an_older_version_can_be_read(cast: Cast) -> None:
    work_by(cast, "tiers")
    work_by(cast, "returns", TODAY - timedelta(days=10))
    old = PolicyVersion.objects.get(in_force_from=None)
    page = cast.client("head").get(url(cast, "see_policy") + f"?version={old.pk}").content.decode()
    assert "Four tiers of graduated support" in page


@pytest.mark.parametrize("start_from", ["", "tiers"])
def test_start_a_draft(cast: Cast, start_from: str) -> None:
    answer = cast.client("manager").post(url(cast, "start_draft"), {"from": start_from})
    draft = PolicyDraft.objects.get()
    assert answer.url == draft.get_absolute_url()
    assert draft.document["title"] == preset(start_from or "national").title
    assert cast.client("manager").post(url(cast, "start_draft"), {"from": "none"}).status_code == 404


def test_change_a_step(cast: Cast, draft: PolicyDraft) -> None:
    client = cast.client("manager")
    page = client.get(url(cast, "change_step", draft.pk, 0, 0)).content.decode()
    assert "Stage 1 letter" in page
    answer = client.post(url(cast, "change_step", draft.pk, 0, 0), step(threshold="5.5"))
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.document["ladder"][0]["step"][0]["at_least"] == 5.5
    assert b"When days missed this year reach 5.5" in client.get(draft.get_absolute_url()).content


def test_a_step_out_of_order_is_refused_in_words_and_nothing_typed_is_lost(cast: Cast, draft: PolicyDraft) -> None:
    answer = cast.client("manager").post(url(cast, "change_step", draft.pk, 0, 0), step(threshold="12", do="Mine."))
    assert answer.status_code == 422
    assert "must be more serious than" in answer.content.decode()
    assert "Mine." in answer.content.decode()
    draft.refresh_from_db()
    assert draft.document["ladder"][0]["step"][0]["at_least"] == 4


def test_a_step_without_its_number(cast: Cast, draft: PolicyDraft) -> None:
    answer = cast.client("manager").post(url(cast, "change_step", draft.pk, 0, 0), step(threshold=""))
    assert "Give the number at which the step begins." in answer.content.decode()


def test_add_and_remove_a_step(cast: Cast, draft: PolicyDraft) -> None:
    client = cast.client("manager")
    client.post(url(cast, "add_step", draft.pk, 0), step(name="Early word", threshold="2"))
    draft.refresh_from_db()
    assert [s["name"] for s in draft.document["ladder"][0]["step"]][:2] == ["Early word", "Stage 1 letter"]
    client.post(url(cast, "change_step", draft.pk, 0, 0), step() | {"remove": "1"})
    draft.refresh_from_db()
    assert draft.document["ladder"][0]["step"][0]["name"] == "Stage 1 letter"


def test_add_change_and_remove_a_ladder(cast: Cast, draft: PolicyDraft) -> None:
    client = cast.client("manager")
    ladder = {"name": "Illness", "measure": "illness_days_this_year", "vulnerable_ahead": "0"}
    first = {"step_name": "Ask the nurse", "comparison": "at_least", "threshold": "8"}
    client.post(url(cast, "add_ladder", draft.pk), ladder | first)
    draft.refresh_from_db()
    last = len(draft.document["ladder"]) - 1
    assert draft.document["ladder"][last]["step"] == [{"name": "Ask the nurse", "at_least": 8}]
    client.post(url(cast, "change_ladder", draft.pk, last), ladder | {"name": "Sickness", "vulnerable_ahead": "1"})
    draft.refresh_from_db()
    assert draft.document["ladder"][last]["name"] == "Sickness"
    client.post(url(cast, "change_ladder", draft.pk, last), ladder | {"remove": "1"})
    draft.refresh_from_db()
    assert len(draft.document["ladder"]) == last


def test_change_the_two_conditions(cast: Cast) -> None:
    draft = actions.start_draft(school=cast.school, start_from="day-by-day", today=TODAY, by=cast.actor("manager"))
    number = next(i for i, each in enumerate(draft.document["ladder"]) if "all_of" in each)
    client = cast.client("manager")
    client.get(url(cast, "change_ladder", draft.pk, number), follow=True)
    values = step(name="Consult the attendance service") | {
        "measure_1": "attendance_percent_this_year", "comparison_1": "below", "threshold_1": "93",
        "measure_2": "unauthorised_share_of_absence_percent", "comparison_2": "at_least", "threshold_2": "10",
    }  # fmt: skip
    assert client.post(url(cast, "change_step", draft.pk, number, 0), values).status_code == 302
    draft.refresh_from_db()
    assert draft.document["ladder"][number]["all_of"][0]["below"] == 93


def test_change_the_settings(cast: Cast, draft: PolicyDraft) -> None:
    values = {"title": "Ours", "review_weeks": "4", "step_ends_after_days": "14", "leave_notice_weeks": "2"}
    cast.client("manager").post(url(cast, "change_settings", draft.pk), values)
    draft.refresh_from_db()
    assert draft.document["review_weeks"] == 4


def test_what_if_of_a_day_and_a_term(cast: Cast, draft: PolicyDraft, attend: Attend) -> None:
    work_by(cast, "national")
    attend(cast.pupils[0], "I", days=5)
    attend(cast.pupils[1], "I", days=6, until=TODAY - timedelta(days=100))
    client = cast.client("manager")
    page = client.get(url(cast, "see_what_if", draft.pk) + "?on=2025-03-11").content.decode()
    assert str(cast.pupils[0]) in page
    assert "Stage 1 letter" in page
    page = client.get(url(cast, "see_what_if", draft.pk) + "?term=1").content.decode()
    assert "Autumn term 2024/25" in page
    assert str(cast.pupils[1]) in page
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_a_manager_proposes_and_the_lead_puts_into_force(cast: Cast, draft: PolicyDraft) -> None:
    values = {"in_force_from": "2025-04-22", "why": "Letters come too late."}
    cast.client("manager").post(url(cast, "put_into_force", draft.pk), values)
    draft.refresh_from_db()
    assert draft.state == "proposed"
    assert not PolicyVersion.objects.exists()
    cast.client("lead").post(url(cast, "put_into_force", draft.pk), values)
    version = PolicyVersion.objects.get()
    assert version.document == {"preset": "days-missed"}
    assert policy_on(cast.school, version.in_force_from).preset == "days-missed"
    verbs = ["start_draft", "propose_policy", "put_into_force"]
    assert list(AuditRow.objects.filter(verb__in=verbs).order_by("id").values_list("verb", flat=True)) == verbs


def test_a_day_that_has_passed_is_refused(cast: Cast, draft: PolicyDraft) -> None:
    values = {"in_force_from": "2025-03-10", "why": "Now."}
    answer = cast.client("lead").post(url(cast, "put_into_force", draft.pk), values)
    assert answer.status_code == 422
    assert "on a day that has passed" in answer.content.decode()
    assert not PolicyVersion.objects.exists()


def test_a_second_version_on_a_day_is_refused(cast: Cast, draft: PolicyDraft) -> None:
    work_by(cast, "tiers", TODAY)
    with pytest.raises(Refused, match="already comes into force on 11 March 2025"):
        actions.put_into_force(draft=draft, in_force_from=TODAY, today=TODAY, why="x", by=cast.actor("lead"))


def test_decline_a_proposal_and_discard_a_draft(cast: Cast, draft: PolicyDraft) -> None:
    actions.propose_policy(draft=draft, in_force_from=TODAY, why="x", by=cast.actor("manager"))
    cast.client("lead").post(url(cast, "decline_policy", draft.pk), {"answer": "After the holidays."})
    draft.refresh_from_db()
    assert (draft.state, draft.answer) == ("declined", "After the holidays.")
    answer = cast.client("manager").post(url(cast, "change_step", draft.pk, 0, 0), step())
    assert "This draft has been declined; begin a new one." in answer.content.decode()
    other = actions.start_draft(school=cast.school, start_from="", today=TODAY, by=cast.actor("manager"))
    cast.client("manager").post(url(cast, "discard_draft", other.pk), {"sure": "1"})
    other.refresh_from_db()
    assert other.state == "discarded"
