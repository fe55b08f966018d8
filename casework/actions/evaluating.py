"""Evaluate a school's ladders for a day: who has reached which step, who has left one, and what is proposed.

One transaction a day and school: a run that dies has written nothing, a second run of the day finds the same.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.actions import deciding
from casework.judging import Judged, judge_school
from casework.ladders import Policy, Reached
from casework.measures import Measures
from casework.models import Evaluation, Proposal, Standing
from casework.policies import policy_on
from casework.proposing import proposals_of
from casework.querysets.measures import measures_of_school
from casework.standings import Followed, OnStep, follow
from registers.calendar_rules import academic_year_bounds, academic_year_of, monday_of, nth_school_day_after
from registers.models import SchoolDay

NIGHT = Actor.system("nightly evaluation")
WEEK = timedelta(days=7)
COUNTS = ["attended", "absent", "possible", "attended_before", "absent_before", "possible_before"]
UPDATED = ["value", "reason", "owner", "do", "index", "without_since", "ended_on", "end", "evaluated_on", *COUNTS]


@dataclass(slots=True)
class _Changes:
    """What one evaluation makes of the standings of a school."""

    updated: list[Standing] = field(default_factory=list)
    begun: list[tuple[Standing, Reached | None]] = field(default_factory=list)
    trail: list[audit.Row] = field(default_factory=list)

    def end(self, standing: Standing, on: date, end: str, summary: str) -> None:
        standing.ended_on, standing.end, standing.evaluated_on = on, end, on
        self.updated.append(standing)
        self.trail.append(audit.Row("end_step", standing, summary, standing.pupil_id))


def evaluate_school(*, school: School, on: date, by: Actor = NIGHT) -> Evaluation:
    """Evaluate a day. A school not evaluated this academic year is first shown its past weeks, proposing nothing.

    So that "since when" is true from the first day. Raises Refused for a day before the last evaluation.
    """
    start = academic_year_bounds(academic_year_of(on))[0]
    if not Evaluation.objects.filter(school=school, on__gte=start).exists():
        for day in _ends_of_weeks(school, start, on):
            evaluate(school=school, on=day, by=by, propose=False)
    return evaluate(school=school, on=on, by=by)


def evaluate_night(*, school: School, day: date) -> Evaluation:
    """Evaluate the day that ends, or anew the later one a person has evaluated already (a demonstration's clock)."""
    latest = Evaluation.objects.filter(school=school).first()
    return evaluate_school(school=school, on=max(day, latest.on) if latest else day)


def _ends_of_weeks(school: School, start: date, on: date) -> Iterable[date]:
    days = SchoolDay.objects.filter(school=school, day__range=(start, on - timedelta(days=1)))
    return {monday_of(day): day for day in days.order_by("day").values_list("day", flat=True)}.values()


@transaction.atomic
def evaluate(*, school: School, on: date, by: Actor = NIGHT, propose: bool = True) -> Evaluation:
    """Judge every ladder for every pupil on roll on a day, and record what follows; a constant number of queries.

    Raises Refused for a day before the last one evaluated: steps are followed forward only.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    latest = Evaluation.objects.filter(school=school).first()
    if latest and on < latest.on:
        raise Refused([f"The ladders have been evaluated for {latest.on:%-d %B %Y} already. Choose that day or later."])
    policy = policy_on(school, on)
    judged = list(judge_school(school, on, policy))
    before = {pupil.pupil_id: pupil.measures for pupil in measures_of_school(school, on - WEEK)}
    open_: dict[int, dict[str, Standing]] = defaultdict(dict)
    for standing in Standing.objects.filter(school=school).standing():
        open_[standing.pupil_id][standing.ladder] = standing
    changes = _Changes()
    for pupil in judged:
        _follow_pupil(
            school, policy, pupil, before.get(pupil.pupil_id, Measures()), open_.pop(pupil.pupil_id, {}), on, changes
        )
    for standing in chain.from_iterable(steps.values() for steps in open_.values()):
        changes.end(standing, on, Standing.End.LEFT, f"No longer on roll: {standing.step} ({standing.ladder}) ended.")
    _write(school, on, changes, by, propose=propose)
    improved = sum(s.end == Standing.End.IMPROVED for s in changes.updated)
    evaluation, _ = Evaluation.objects.update_or_create(
        school=school,
        on=on,
        defaults={"at": timezone.now()},
        create_defaults={
            "at": timezone.now(),
            "pupils": len(judged),
            "begun": len(changes.begun),
            "ended": improved,
        },
    )
    return evaluation


def _follow_pupil(
    school: School,
    policy: Policy,
    pupil: Judged,
    before: Measures,
    open_: dict[str, Standing],
    on: date,
    changes: _Changes,
) -> None:
    reached = {each.ladder.name: each for each in pupil.reached}
    ladders = {ladder.name: ladder for ladder in policy.ladders}
    for name in dict.fromkeys([*reached, *open_]):
        was, now = open_.get(name), reached.get(name)
        on_step = OnStep(was.step, was.without_since) if was else None
        found = follow(
            on_step, ladders.get(name), now.index if now else None, on, apart_days=policy.step_ends_after_days
        )
        if was:
            _go_on(was, found, now, pupil.measures, before, on, changes)
        if found.begins is not None and now:
            standing = Standing(school=school, pupil_id=pupil.pupil_id, ladder=name, since=on, evaluated_on=on)
            _state(standing, now, pupil.measures, before)
            falls = was is not None and found.ends == Standing.End.IMPROVED
            changes.begun.append((standing, None if falls else now))


def _go_on(
    standing: Standing,
    found: Followed,
    now: Reached | None,
    measures: Measures,
    before: Measures,
    on: date,
    changes: _Changes,
) -> None:
    standing.without_since = found.without_since
    if found.ends:
        summary = {
            Standing.End.ROSE: f"Moved on from {standing.step} ({standing.ladder}).",
            Standing.End.IMPROVED: f"Improved: {standing.step} ({standing.ladder}) has ended.",
            Standing.End.POLICY: f"The policy has changed: {standing.step} ({standing.ladder}) ended.",
        }[Standing.End(found.ends)]
        _count(standing, measures, before)
        changes.end(standing, on, found.ends, summary)
        return
    if now and now.step.name == standing.step:
        _state(standing, now, measures, before)
    else:
        _count(standing, measures, before)
    standing.evaluated_on = on
    changes.updated.append(standing)


def _state(standing: Standing, reached: Reached, measures: Measures, before: Measures) -> None:
    standing.step, standing.index = reached.step.name, reached.index
    standing.value, standing.reason = reached.value_text, reached.reason
    standing.owner, standing.do = reached.step.owner, reached.step.do
    _count(standing, measures, before)


def _count(standing: Standing, measures: Measures, before: Measures) -> None:
    standing.attended, standing.absent, standing.possible = measures.attended, measures.absent, measures.possible
    standing.attended_before, standing.absent_before = before.attended, before.absent
    standing.possible_before = before.possible


def _write(school: School, on: date, changes: _Changes, by: Actor, *, propose: bool) -> None:
    # An insert that meets each row and updates it, where `bulk_update` would write a CASE WHEN for each row and field.
    Standing.objects.bulk_create(changes.updated, update_conflicts=True, unique_fields=["id"], update_fields=UPDATED)
    Standing.objects.bulk_create([standing for standing, _ in changes.begun])
    begun = [
        audit.Row("reach_step", s, f"Reached {s.step} ({s.ladder}): {s.reason}.", s.pupil_id) for s, _ in changes.begun
    ]
    audit.record_all([*changes.trail, *begun], school_id=school.pk, by=by)
    proposals = Proposal.objects.filter(school=school)
    doubted = [s.pk for s in changes.updated if s.without_since and not s.ended_on]
    held = [s.pk for s in changes.updated if not s.without_since and not s.ended_on]
    ended = [s.pk for s in changes.updated if s.ended_on]
    proposals.to_decide().filter(standing__in=[*doubted, *ended]).update(state=Proposal.State.LAPSED)
    proposals.filter(standing__in=held, state=Proposal.State.LAPSED).update(state=Proposal.State.OPEN)
    if propose:
        made = list(_proposals(school, on, changes.begun))
        Proposal.objects.bulk_create([proposal for proposal, _ in made])
        for proposal, automatic in made:
            if automatic:
                deciding.accept(proposal=proposal, by=by, automatic=True)


def _proposals(
    school: School, on: date, begun: Iterable[tuple[Standing, Reached | None]]
) -> Iterator[tuple[Proposal, bool]]:
    """The proposals of the steps begun, and whether the school lets the step send its letters by itself."""
    ahead = SchoolDay.objects.filter(school=school, day__gt=on).order_by("day").values_list("day", flat=True)[:10]
    days, cases = list(ahead), deciding.pupils_with_a_case(school)
    for standing, reached in begun:
        if reached is None:
            continue
        for each in proposals_of(reached, has_case=standing.pupil_id in cases):
            if each.kind == Proposal.Kind.CASE:
                cases.add(standing.pupil_id)
            due = nth_school_day_after(days, on, each.days) if each.days else on
            proposal = Proposal(
                school=school,
                pupil_id=standing.pupil_id,
                standing=standing,
                kind=each.kind,
                occasion=each.occasion,
                owner=each.owner,
                due=due or on + timedelta(days=each.days),
                made_on=on,
            )
            yield proposal, reached.step.automatic and each.kind == Proposal.Kind.LETTER
