"""Evaluation: who has reached a step and who has left one, what is proposed, and that a second run changes nothing."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.actions import deciding
from casework.actions.evaluating import evaluate, evaluate_night, evaluate_school
from casework.models import Evaluation, Proposal, Standing, Task
from casework.tasks import evaluate_ladders
from letters.models import Letter
from registers.models import PolicyVersion, Pupil, Registration
from tests import factories
from tests.casework.conftest import Attend, work_by
from tests.conftest import TODAY, Cast

WEEK = timedelta(days=7)
pytestmark = pytest.mark.usefixtures("clock")


def steps(pupil) -> list[tuple[str, str]]:
    return [(s.ladder, s.step) for s in Standing.objects.filter(pupil=pupil).standing().order_by("ladder")]


def test_a_step_begins_with_its_reason_and_its_proposals(cast: Cast, attend: Attend) -> None:
    work_by(cast, "national")
    child = cast.pupils[0]
    attend(child, "N", days=5)
    evaluation = evaluate(school=cast.school, on=TODAY)
    assert (evaluation.begun, evaluation.ended) == (1, 0)
    standing = Standing.objects.get(pupil=child)
    assert (standing.ladder, standing.step, standing.index, standing.since) == (
        "Unexplained", "Consider welfare officer", 2, TODAY,
    )  # fmt: skip
    assert standing.reason == "5 days in a row unexplained; Consider welfare officer begins at 5"
    assert standing.owner == "attendance manager"
    assert (standing.absent, standing.absent_before) == (10, 0)
    kinds = {(p.kind, p.occasion) for p in Proposal.objects.filter(pupil=child)}
    assert kinds == {("task", ""), ("letter", "Unexplained absence day 5"), ("referral", "welfare service")}
    row = AuditRow.objects.get(verb="reach_step", pupil_id=child.pk)
    assert row.summary.startswith("Reached Consider welfare officer (Unexplained): 5 days")
    assert child.surname not in row.summary


def test_a_second_run_changes_nothing(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "N", days=5)
    evaluate(school=cast.school, on=TODAY)
    seen = [list(model.objects.order_by("pk").values()) for model in (Standing, Proposal)]
    trail = AuditRow.objects.count()
    evaluate(school=cast.school, on=TODAY)
    assert [list(model.objects.order_by("pk").values()) for model in (Standing, Proposal)] == seen
    assert AuditRow.objects.count() == trail


def test_a_run_that_dies_has_written_nothing_and_runs_again(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "N", days=5)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE casework_proposal ADD CONSTRAINT half_way CHECK (false) NOT VALID")
    with pytest.raises(IntegrityError, match="half_way"):
        evaluate(school=cast.school, on=TODAY)
    assert not Standing.objects.exists()
    assert not Evaluation.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE casework_proposal DROP CONSTRAINT half_way")
    evaluate(school=cast.school, on=TODAY)
    assert Standing.objects.count() == 1


def test_a_step_rises_at_once(cast: Cast, attend: Attend) -> None:
    child = cast.pupils[0]
    attend(child, "N", days=1)
    evaluate(school=cast.school, on=TODAY)
    attend(child, "N", days=2, until=TODAY + timedelta(days=1))
    evaluate(school=cast.school, on=TODAY + timedelta(days=1))
    assert steps(child) == [("Unexplained", "Call each day")]
    first = Standing.objects.get(pupil=child, step="First day call")
    assert (first.end, first.ended_on) == ("rose", TODAY + timedelta(days=1))
    assert set(first.proposals.values_list("state", flat=True)) == {"lapsed"}


def test_a_late_change_of_marks_lapses_the_proposals_and_ends_the_step_only_after_a_week(
    cast: Cast, attend: Attend
) -> None:
    child = cast.pupils[0]
    attend(child, "N", days=5)
    evaluate(school=cast.school, on=TODAY)
    attend(child, "I", days=5)
    evaluate(school=cast.school, on=TODAY + timedelta(days=1))
    assert ("Unexplained", "Consider welfare officer") in steps(child)
    assert not Proposal.objects.filter(pupil=child, standing__ladder="Unexplained").to_decide().exists()
    evaluate(school=cast.school, on=TODAY + timedelta(days=8))
    assert not any(ladder == "Unexplained" for ladder, _ in steps(child))
    ended = Standing.objects.get(pupil=child, ladder="Unexplained")
    assert ended.end == "improved"
    assert AuditRow.objects.filter(verb="end_step", summary__startswith="Improved").count() == 1


def test_the_proposals_come_back_with_the_step(cast: Cast, attend: Attend) -> None:
    child = cast.pupils[0]
    for letter, day in (("N", 0), ("I", 1), ("N", 2)):
        attend(child, letter, days=5)
        evaluate(school=cast.school, on=TODAY + timedelta(days=day))
    assert Proposal.objects.filter(pupil=child, standing__ladder="Unexplained").to_decide().count() == 3
    assert Standing.objects.get(pupil=child, ladder="Unexplained").without_since is None


def test_improvement_proposes_nothing_on_the_milder_step(cast: Cast, attend: Attend) -> None:
    work_by(cast, "days-missed")
    child = cast.pupils[0]
    attend(child, "I", days=10)
    evaluate(school=cast.school, on=TODAY)
    attend(child, "I", days=4)
    for later in (1, 8):
        evaluate(school=cast.school, on=TODAY + timedelta(days=later))
    assert steps(child) == [("Days missed", "Stage 1 letter")]
    assert not Standing.objects.standing().get(pupil=child).proposals.exists()


def test_a_decline_is_remembered_while_the_child_is_on_the_step(cast: Cast, attend: Attend) -> None:
    child = cast.pupils[0]
    attend(child, "N", days=5)
    evaluate(school=cast.school, on=TODAY)
    letter = Proposal.objects.get(pupil=child, kind="letter")
    deciding.decline(proposal=letter, reason="We visit today instead.", by=cast.actor("manager"))
    for day in (1, 2):
        evaluate(school=cast.school, on=TODAY + timedelta(days=day))
    assert Proposal.objects.get(pupil=child, kind="letter").state == "declined"


def test_a_pupil_who_left(cast: Cast, attend: Attend) -> None:
    child = cast.pupils[0]
    attend(child, "N", days=5)
    evaluate(school=cast.school, on=TODAY)
    Registration.objects.filter(pupil=child).update(leaving_date=TODAY)
    evaluate(school=cast.school, on=TODAY + timedelta(days=1))
    assert Standing.objects.get(pupil=child).end == "left"
    assert not Proposal.objects.to_decide().filter(pupil=child).exists()


def test_a_policy_changed_in_mid_term(cast: Cast, attend: Attend) -> None:
    work_by(cast, "national")
    child = cast.pupils[0]
    attend(child, "N", days=5)
    evaluate(school=cast.school, on=TODAY)
    work_by(cast, "tiers", TODAY + timedelta(days=1))
    evaluate(school=cast.school, on=TODAY + timedelta(days=1))
    assert Standing.objects.get(step="Consider welfare officer").end == "policy"
    assert ("Unexplained", "Telephone and letter") in steps(child)


def test_the_past_weeks_are_followed_first_and_propose_nothing(cast: Cast, attend: Attend) -> None:
    work_by(cast, "days-missed")
    child = cast.pupils[0]
    attend(child, "/", before="I")
    evaluate_school(school=cast.school, on=TODAY)
    since = Standing.objects.get(pupil=child, step="Stage 1 letter").since
    assert since == date(2024, 9, 13)
    made = set(Proposal.objects.filter(pupil=child).values_list("made_on", flat=True))
    assert made <= {TODAY}
    assert Evaluation.objects.count() > 20


def test_a_step_that_the_school_lets_send_its_letter(cast: Cast, attend: Attend) -> None:
    step = {"name": "Stage 1", "at_least": 1, "letter": "Stage 1", "automatic": True, "owner": "office staff"}
    ladder = {"name": "Days missed", "measure": "days_absent_this_year", "step": [step]}
    PolicyVersion.objects.create(school=cast.school, document={"ladder": [ladder]}, changed_at="2024-09-01T00:00Z")
    attend(cast.pupils[0], "I", days=2)
    attend(cast.pupils[1], "I", days=2)
    for child in cast.pupils[:2]:
        factories.ContactFactory(pupil=child, email=f"{child.pk}@home.example", mobile="", postcode="N1 2AB",
                                 address_1="1 Mill Lane", town="London")  # fmt: skip
    Pupil.objects.filter(pk=cast.pupils[1].pk).update(sen_status="E")
    attend(cast.pupils[0], "S", days=2)
    evaluate(school=cast.school, on=TODAY)
    letter, waits = (Letter.objects.get(pupil=child) for child in cast.pupils[:2])
    assert (letter.occasion, letter.state, letter.copies.get().status) == ("stage_1", "approved", "approved")
    assert waits.state == "proposed", "what somebody should read first waits for a person"
    assert set(Proposal.objects.values_list("kind", "state")) == {("letter", "accepted")}
    assert not Task.objects.exists()


def test_a_day_before_the_last_is_refused(cast: Cast) -> None:
    evaluate(school=cast.school, on=TODAY)
    with pytest.raises(Refused, match="evaluated for 11 March 2025 already"):
        evaluate(school=cast.school, on=TODAY - WEEK)
    assert evaluate_night(school=cast.school, day=TODAY - WEEK).on == TODAY


def test_the_night(cast: Cast, attend: Attend) -> None:
    attend(cast.pupils[0], "N", days=5)
    evaluate_ladders(cast.school.pk, "2025-03-11")
    evaluate_ladders(cast.school.pk, "2025-03-11")
    assert Standing.objects.filter(pupil=cast.pupils[0]).exists()


def test_the_same_number_of_queries_for_more_pupils(cast: Cast, attend: Attend) -> None:
    def queries(on: date) -> int:
        with CaptureQueriesContext(connection) as captured:
            evaluate(school=cast.school, on=on)
        return len(captured)

    counts = []
    for later, size in enumerate((1, 2, 9)):  # from the second on, some steps go on and some begin
        _, children = factories.make_class(cast.school, f"5{size}", size)
        for child in children:
            attend(child, "N", days=5)
        counts.append(queries(TODAY + timedelta(days=later)))
    assert counts[1] == counts[2]
