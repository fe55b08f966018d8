"""A case from its opening to "it worked": each verb, each refusal, and the whole story with the clock moved."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import cases, deciding, plans
from casework.actions.evaluating import evaluate
from casework.actions.plans import WantedTarget
from casework.dashboard import pupils_on_ladders
from casework.models import Case, Plan, Proposal, Task
from casework.progress import same_time_before, sessions_left, summary_of
from registers.models import Registration
from tests import factories
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast
from tests.factories import LONDON

pytestmark = pytest.mark.usefixtures("clock")
REVIEW = date(2025, 4, 4)


@pytest.fixture
def case(cast: Cast, attend: Attend) -> Case:
    attend(cast.pupils[0], "I", days=10)
    return cases.open_case(
        pupil=cast.pupils[0], lead_id=cast.people["manager"].pk, concern="Often ill on Mondays.", today=TODAY,
        by=cast.actor("manager"),
    )  # fmt: skip


def plan_of(case: Case, cast: Cast, **values: object) -> Plan:
    case.refresh_from_db()
    given = {
        "version": case.version, "starts": TODAY, "review_on": REVIEW, "support": "Breakfast club",
        "targets": [WantedTarget("plan_sessions", Decimal(2), REVIEW)], "actions": [("parents", "Leave at 8:20")],
        **values,
    }  # fmt: skip
    return plans.make_plan(case=case, by=cast.actor("manager"), **given)


def review(plan: Plan, cast: Cast, **values: object) -> None:
    case = Case.objects.select_related("pupil__school", "school").get(pk=plan.case_id)
    plan = Plan.objects.get(pk=plan.pk)
    plan.case = case
    given = {
        "version": case.version, "on": REVIEW, "was_held": True, "present": "Mother", "summary": "Going well.",
        "done": [], "helped": ["breakfast club"], "today": REVIEW, **values,
    }  # fmt: skip
    plans.review_plan(plan=plan, by=cast.actor("manager"), **given)


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def test_open_a_case_with_its_baseline(cast: Cast, attend: Attend) -> None:
    child, client = cast.pupils[0], cast.client("manager")
    attend(child, "I", days=10)
    assert "10 days</a>, " in client.get(url(cast, "open_case", child.pk)).content.decode()
    values = {"concern": "Often ill.", "lead_id": cast.people["lead"].pk, "family": "", "voice": "I like football."}
    assert client.post(url(cast, "open_case", child.pk), values).url == url(cast, "see_case", child.pk)
    case = Case.objects.get()
    assert (case.baseline.absence, case.lead, case.opened_on) == (20, cast.people["lead"], TODAY)
    page = client.get(url(cast, "see_case", child.pk)).content.decode()
    assert "I like football." in page
    assert "Make a plan with the family" in page
    refused = client.post(url(cast, "open_case", child.pk), values)
    assert refused.status_code == 422
    assert "There is an open case already" in refused.content.decode()


def test_opening_settles_what_asked_for_it(cast: Cast, attend: Attend) -> None:
    work_by(cast, "days-missed")
    child = cast.pupils[0]
    attend(child, "I", days=16)
    evaluate(school=cast.school, on=TODAY)
    asked = Proposal.objects.get(pupil=child, kind="case")
    deciding.accept(proposal=asked, by=cast.actor("manager"))
    cases.open_case(
        pupil=child, lead_id=cast.people["manager"].pk, concern="x", today=TODAY, by=cast.actor("manager")
    )  # fmt: skip
    assert Task.objects.get(proposal=asked).done_at is not None


def test_a_child_with_a_case_is_not_proposed_another(cast: Cast, case: Case, attend: Attend) -> None:
    work_by(cast, "days-missed")
    attend(case.pupil, "I", days=20)
    evaluate(school=cast.school, on=TODAY)
    assert not Proposal.objects.filter(kind="case").exists()


def test_siblings_cases_are_linked(cast: Cast, case: Case) -> None:
    for pupil in cast.pupils[:2]:
        factories.ContactFactory(pupil=pupil, email="one.parent@home.example", priority=7)
    page = cast.client("manager").get(url(cast, "see_case", cast.pupils[1].pk)).content.decode()
    assert f"{cast.pupils[0]}</a> (open case)" in page


def test_two_people_change_a_case_at_once(cast: Cast, case: Case) -> None:
    values = {"concern": "New.", "lead_id": case.lead_id, "family": "", "voice": "", "version": case.version}
    client = cast.client("manager")
    assert client.post(url(cast, "change_case", case.pk), values).status_code == 302
    late = cast.client("lead").post(url(cast, "change_case", case.pk), values | {"concern": "Mine, typed long."})
    assert late.status_code == 422
    assert "Somebody changed this case meanwhile" in late.content.decode()
    assert "Mine, typed long." in late.content.decode()
    case.refresh_from_db()
    assert case.concern == "New."


def test_barriers_and_notes(cast: Cast, case: Case) -> None:
    client = cast.client("manager")
    client.post(url(cast, "add_barrier", case.pk), {"side": "parents", "what": "Night shifts"})
    client.post(url(cast, "add_note", case.pk), {"text": "Father rang."})
    page = client.get(url(cast, "see_case", case.pupil_id)).content.decode()
    assert "Night shifts" in page
    assert "Father rang." in page


def test_a_confidential_note_is_read_by_few_and_reading_is_recorded(cast: Cast, case: Case) -> None:
    cast.client("lead").post(url(cast, "add_note", case.pk), {"text": "Fears at home.", "is_confidential": "on"})
    for role in ("manager", "lead", "head", "safeguarding"):
        page = cast.client(role).get(url(cast, "see_case", case.pupil_id)).content.decode()
        assert "Fears at home." not in page
        assert "1 confidential note" in page
    assert not AuditRow.objects.filter(summary__contains="Fears").exists()
    page = cast.client("manager").get(url(cast, "read_confidential_notes", case.pk)).content.decode()
    assert "Fears at home." in page
    row = AuditRow.objects.get(verb="read_confidential_notes")
    assert (row.by_id, row.pupil_id) == (cast.people["manager"].pk, case.pupil_id)


def test_a_manager_does_not_read_the_confidential_notes_of_anothers_case(cast: Cast, case: Case) -> None:
    Case.objects.update(lead=cast.people["lead"])
    assert cast.client("manager").get(url(cast, "read_confidential_notes", case.pk)).status_code == 403
    assert not AuditRow.objects.filter(verb="read_confidential_notes").exists()


PLAN = {
    "starts": "2025-03-11", "review_on": "2025-04-04", "goal_1": "year_percent", "amount_1": "92", "by_1": "2025-04-04",
    "barrier_1": "", "goal_2": "", "amount_2": "", "by_2": "", "barrier_2": "",
    "parents": "Leave at 8:20\nRing by 8:45", "child": "", "school": "Meet at the gate",
    "practitioner": "", "support": "Breakfast club",
}  # fmt: skip


def test_make_a_plan(cast: Cast, case: Case) -> None:
    barrier = cases.add_barrier(case=case, side="pupil", what="Tired", today=TODAY, by=cast.actor("manager"))
    client = cast.client("manager")
    assert "The policy wants a review within 6 weeks" in client.get(url(cast, "make_plan", case.pk)).content.decode()
    answer = client.post(url(cast, "make_plan", case.pk), PLAN | {"version": case.version, "barrier_1": barrier.pk})
    assert answer.status_code == 302
    plan = Plan.objects.get()
    assert [str(action) for action in plan.actions.all()] == [
        "Parents: Leave at 8:20", "Parents: Ring by 8:45", "School: Meet at the gate",
    ]  # fmt: skip
    assert plan.targets.get().barrier == barrier
    page = client.get(url(cast, "see_case", case.pupil_id)).content.decode()
    assert "Attendance this year is at least 92 per cent by 4 April 2025" in page
    assert "Review the plan" in page


def test_a_plan_that_arithmetic_forbids_is_warned_of(cast: Cast, case: Case) -> None:
    values = PLAN | {"version": case.version, "amount_1": "99"}
    page = cast.client("manager").post(url(cast, "make_plan", case.pk), values, follow=True).content.decode()
    assert "It cannot be reached: if nothing at all is missed" in page
    assert Plan.objects.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"amount_1": "110"}, "110 per cent is no attendance"),
        ({"review_on": "2025-06-30"}, "The policy wants a review within 6 weeks"),
        ({"starts": "2025-03-01"}, "The plan begins before the case was opened"),
        ({"parents": "", "school": ""}, "Say what at least one person does"),
        ({"goal_2": "plan_sessions"}, "Fill this in, or choose no second target."),
        ({"version": "99"}, "Somebody changed this case meanwhile"),
    ],
)
def test_a_plan_refused_keeps_what_was_typed(cast: Cast, case: Case, change: dict, said: str) -> None:
    values = PLAN | {"version": case.version, "support": "Typed at length."} | change
    answer = cast.client("manager").post(url(cast, "make_plan", case.pk), values)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "Typed at length." in answer.content.decode()
    assert not Plan.objects.exists()


def test_a_second_plan_waits_for_the_review_of_the_first(cast: Cast, case: Case) -> None:
    plan_of(case, cast)
    case.refresh_from_db()
    with pytest.raises(Refused, match="A plan is running: review it first"):
        plan_of(case, cast)


def test_review_a_plan(cast: Cast, case: Case, attend: Attend) -> None:
    plan = plan_of(case, cast)
    action = plan.actions.get()
    attend(case.pupil, "/", until=REVIEW)
    attend(case.pupil, "I", days=10)
    with time_machine.travel(datetime(2025, 4, 4, 15, tzinfo=LONDON)):
        case.refresh_from_db()
        client = cast.client("manager")
        page = client.get(url(cast, "review_plan", plan.pk)).content.decode()
        assert "As many school days before it" in page
        values = {"version": case.version, "on": "2025-04-04", "was_held": "yes", "present": "Mother",
                  "done": [action.pk], "helped": ["breakfast club"], "summary": "Going well."}  # fmt: skip
        assert client.post(url(cast, "review_plan", plan.pk), values).status_code == 302
    plan.refresh_from_db()
    assert (plan.is_reviewed, plan.was_held, plan.helped) == (True, True, ["breakfast club"])
    assert plan.actions.get().is_done
    assert plan.targets.get().was_met is True
    assert plan.before.absence == 18  # the ten days end with the plan's first
    assert plan.after.absence == 2
    assert Case.objects.get().state == "reviewed"


def test_a_review_overdue_stands_first(cast: Cast, case: Case, attend: Attend, clock: time_machine.Traveller) -> None:
    work_by(cast, "days-missed")
    plan_of(case, cast)
    attend(cast.pupils[1], "I", days=16)
    evaluate(school=cast.school, on=TODAY)
    Proposal.objects.to_decide().update(due=date(2025, 4, 30))
    clock.move_to(datetime(2025, 4, 7, 9, tzinfo=LONDON))
    rows = pupils_on_ladders(cast.school, date(2025, 4, 7))
    assert [(row.pupil, row.is_overdue) for row in rows] == [(case.pupil, True), (cast.pupils[1], False)]
    page = cast.client("manager").get(url(cast, "see_cases")).content.decode()
    assert "overdue since 4 Apr" in page
    assert "overdue since 4 Apr" in cast.client("manager").get(url(cast, "see_escalations")).content.decode()


def test_two_people_review_at_once(cast: Cast, case: Case) -> None:
    plan = plan_of(case, cast)
    stale = Plan.objects.select_related("case__pupil", "case__school").get(pk=plan.pk)
    review(plan, cast)
    with pytest.raises(Refused, match="Somebody changed this case meanwhile"):
        plans.review_plan(
            plan=stale, version=stale.case.version, on=REVIEW, was_held=True, present="", summary="x", done=[],
            helped=[], today=REVIEW, by=cast.actor("lead"),
        )  # fmt: skip
    assert AuditRow.objects.filter(verb="review_plan").count() == 1


def test_a_review_before_the_plan_began_is_refused(cast: Cast, case: Case) -> None:
    plan = plan_of(case, cast)
    with pytest.raises(Refused, match="cannot be before the plan began"):
        review(plan, cast, on=TODAY - timedelta(days=1))
    assert not Plan.objects.get().is_reviewed


def test_close_a_case(cast: Cast, case: Case) -> None:
    client = cast.client("manager")
    values = {"version": case.version, "outcome": "improved", "closing": "The gate helped."}
    assert client.post(url(cast, "close_case", case.pk), values).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.outcome, case.closed_on) == ("closed", "improved", TODAY)
    page = client.get(url(cast, "see_case", case.pupil_id)).content.decode()
    assert "Closed cases" in page
    assert "The gate helped." in page
    with pytest.raises(Refused, match="The case is closed"):
        cases.add_note(case=case, text="x", is_confidential=False, by=cast.actor("manager"))


def test_a_running_plan_holds_the_case_open_unless_the_child_left(cast: Cast, case: Case) -> None:
    plan_of(case, cast)
    client = cast.client("manager")
    values = {"version": case.version + 1, "outcome": "improved", "closing": "x"}
    refused = client.post(url(cast, "close_case", case.pk), values)
    assert "review it first, so that the family hears how it went" in refused.content.decode()
    Registration.objects.filter(pupil=case.pupil).update(leaving_date=TODAY - timedelta(days=1))
    assert client.post(url(cast, "close_case", case.pk), values | {"outcome": "left"}).status_code == 302
    assert Plan.objects.get().was_held is False


def test_a_child_who_left_with_an_open_case(cast: Cast, case: Case) -> None:
    client = cast.client("manager")
    page = client.get(url(cast, "see_cases")).content.decode()
    assert "Not on roll" not in page
    Registration.objects.filter(pupil=case.pupil).update(leaving_date=TODAY - timedelta(days=1))
    assert "Not on roll: close the case" in client.get(url(cast, "see_cases")).content.decode()
    page = client.get(url(cast, "see_case", case.pupil_id)).content.decode()
    assert "The child is not on roll: close the case" in page


def test_nothing_is_opened_when_the_trail_cannot_be_written(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("attendance_mis.audit.record", fail)
    with pytest.raises(ZeroDivisionError):
        cases.open_case(
            pupil=cast.pupils[0], lead_id=cast.people["manager"].pk, concern="x", today=TODAY,
            by=cast.actor("manager"),
        )  # fmt: skip
    assert not Case.objects.exists()


def test_progress(cast: Cast, attend: Attend) -> None:
    child = cast.pupils[0]
    attend(child, "I", days=2)
    summary = summary_of(child, TODAY - timedelta(days=1), TODAY)
    assert (summary.possible, summary.absence) == (4, 4)
    assert same_time_before(child, TODAY - timedelta(days=1), TODAY) == (date(2025, 3, 6), date(2025, 3, 9))
    assert sessions_left(child, TODAY, date(2025, 3, 14)) == 6


def test_the_whole_story(cast: Cast, attend: Attend, clock: time_machine.Traveller) -> None:
    """Day 1 unexplained, day 5, case, plan, missed review, new plan, improvement, closed: the timeline tells it."""
    work_by(cast, "days-missed")
    child, manager = cast.pupils[0], cast.actor("manager")

    def at(day: date) -> None:
        clock.move_to(datetime(day.year, day.month, day.day, 16, tzinfo=LONDON))

    day1, day5, missed_review, second_review = TODAY, date(2025, 3, 17), date(2025, 4, 4), date(2025, 5, 23)
    for day, days in ((day1, 1), (day5, 5)):
        at(day)
        attend(child, "N", days=days, until=day)
        evaluate(school=cast.school, on=day)
        for proposal in Proposal.objects.to_decide().filter(pupil=child, kind="task"):
            task = deciding.accept(proposal=proposal, by=manager)
            deciding.finish_task(task=task, outcome="Nobody answers.", by=manager)
    case = cases.open_case(
        pupil=child, lead_id=cast.people["manager"].pk, concern="No word for five days.", today=day5, by=manager
    )
    first = plan_of(case, cast, starts=day5, review_on=missed_review, targets=[])
    at(missed_review)
    review(first, cast, on=missed_review, was_held=False, summary="Nobody came.", today=missed_review)
    may = date(2025, 5, 14)
    goal = WantedTarget("plan_sessions", Decimal(2), may)
    second = plan_of(case, cast, starts=missed_review, review_on=may, targets=[goal])
    at(second_review)
    attend(child, "N", days=0, until=second_review)
    for later in (0, 8):
        evaluate(school=cast.school, on=second_review + timedelta(days=later))
    review(second, cast, on=second_review, today=second_review)
    case.refresh_from_db()
    cases.close_case(
        case=case, version=case.version, outcome="improved", closing="It worked.", today=second_review, by=manager
    )
    page = cast.client("manager").get(url(cast, "see_case", child.pk)).content.decode()
    story = [
        "Closed the case: attendance has improved. It worked.", "Reviewed the plan:",
        "Improved: Child missing education referral (Unexplained) has ended.", "Made a plan until 14 May 2025",
        "The family did not come to the review of the plan", "Made a plan until 4 April 2025", "Opened a case at",
        "Child missing education referral: Nobody answers.", "Reached Child missing education referral (Unexplained)",
        "Text, then call: Nobody answers.", "Reached Text, then call (Unexplained)",
    ]  # fmt: skip
    assert all(line in page for line in story), [line for line in story if line not in page]
    places = [page.index(line) for line in story]
    assert places.index(min(places)) == 0
    assert max(places) == places[-1]
