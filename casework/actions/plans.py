"""Make a plan with a family, and review it: done or not, before and after, what helped."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from casework.actions.cases import claim, record
from casework.case_rules import (
    after,
    cautions,
    goal_sentence,
    is_met,
    why_not_plan,
    why_not_review,
    why_not_target,
)
from casework.models import Barrier, Case, Plan, PlanAction, Target
from casework.policies import policy_on
from casework.progress import same_time_before, sessions_left, summary_of, this_year


@dataclass(frozen=True, slots=True)
class WantedTarget:
    """A target as somebody wants it."""

    goal: str
    amount: Decimal
    by: date
    barrier: Barrier | None = None


def cautions_of(case: Case, targets: Iterable[WantedTarget], starts: date, today: date) -> list[str]:
    """What the arithmetic says of targets; a plan is warned, not refused."""
    year, since = this_year(case.pupil, today), summary_of(case.pupil, starts, today)
    return [
        f"{goal_sentence(target.goal, target.amount, target.by)}: {caution}"
        for target in targets
        for caution in cautions(target.goal, target.amount, year, since, sessions_left(case.pupil, today, target.by))
    ]


@transaction.atomic
def make_plan(
    *,
    case: Case,
    version: int,
    starts: date,
    review_on: date,
    support: str,
    targets: list[WantedTarget],
    actions: Iterable[tuple[str, str]],
    by: Actor,
) -> Plan:
    """Make a plan. `actions` are (who, what). Raises Refused with every reason against it."""
    policy = policy_on(case.school, starts)
    reasons = why_not_plan(
        case.state, opened=case.opened_on, starts=starts, review_on=review_on, review_weeks=policy.review_weeks
    )
    for target in targets:
        reasons += why_not_target(target.goal, target.amount, target.by, starts)
    if reasons:
        raise Refused(reasons)
    claim(case, version)
    plan = Plan.objects.create(
        school_id=case.school_id,
        case=case,
        starts=starts,
        review_on=review_on,
        support=support,
        made_at=timezone.now(),
        made_by_id=by.user_id,
    )
    school = {"school_id": case.school_id, "plan": plan}
    Target.objects.bulk_create(
        Target(**school, barrier=each.barrier, goal=each.goal, amount=each.amount, by=each.by) for each in targets
    )
    PlanAction.objects.bulk_create(PlanAction(**school, who=who, what=what) for who, what in actions)
    Case.objects.filter(pk=case.pk).update(state=after("make_plan"))
    said = "; ".join(goal_sentence(each.goal, each.amount, each.by) for each in targets)
    record("make_plan", case, f"Made a plan until {review_on:%-d %B %Y}: {said}.", by)
    return plan


@transaction.atomic
def review_plan(
    *,
    plan: Plan,
    version: int,
    on: date,
    was_held: bool,
    present: str,
    summary: str,
    done: Iterable[int],
    helped: list[str],
    today: date,
    by: Actor,
) -> None:
    """Record a review, also one the family did not come to. Raises Refused with every reason against it.

    Before and after are counted from the marks and kept as they stand now; a target is met or not by them.
    """
    case = plan.case
    if reasons := why_not_review(case.state, starts=plan.starts, on=on, today=today):
        raise Refused(reasons)
    claim(case, version)
    pupil = case.pupil
    year, since = this_year(pupil, on), summary_of(pupil, plan.starts, on)
    before = summary_of(pupil, *same_time_before(pupil, plan.starts, on))
    Plan.objects.filter(pk=plan.pk).update(
        is_reviewed=True,
        reviewed_on=on,
        reviewed_by=by.user_id,
        was_held=was_held,
        present=present,
        summary=summary,
        helped=helped,
        before_attended=before.attended,
        before_absent=before.absence,
        before_possible=before.possible,
        after_attended=since.attended,
        after_absent=since.absence,
        after_possible=since.possible,
    )
    done = set(done)
    for action in plan.actions.all():
        action.is_done = action.pk in done
        action.save(update_fields=["is_done"])
    for target in plan.targets.all():
        target.was_met = is_met(target.goal, target.amount, year, since)
        target.save(update_fields=["was_met"])
    Case.objects.filter(pk=case.pk).update(state=after("review_plan"))
    held = "Reviewed the plan" if was_held else "The family did not come to the review of the plan"
    figures = f"before {before.in_words}; since {since.in_words}"
    record("review_plan", case, f"{held}: {figures}. {summary}", by)
