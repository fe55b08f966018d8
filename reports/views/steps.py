"""Explain the step of one child: each condition of it, and the sessions that its measure counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.ladders import AHEAD, Condition, Ladder, conditions_of, said_of
from casework.measures import MEASURES, Behind, Measures, Tally, two_decimals
from casework.models import Evaluation, Standing
from casework.policies import policy_on
from casework.progress import expected_of
from casework.querysets.measures import facts_of, school_ranges
from casework.sentences import when
from registers import codes
from registers.calendar_rules import Session
from registers.codes import Code
from reports.behind import Facts
from reports.definitions import OF_MEASURES, Definition

# What a list of sessions holds, where that is not simply what the measure counts.
LISTED = {
    "attendance_percent_this_year": "Possible sessions that were not attended; all the others were.",
    "unauthorised_share_of_absence_percent": "Every session of absence, and whether it counts as unauthorised.",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One condition: its rule, what the register gives for it now, whether that is what the step was told with."""

    key: str
    definition: Definition
    rule: str
    said: str
    holds: bool
    is_changed: bool
    facts: Facts
    first: date | None
    last: date
    what: str
    tells_which: bool
    sessions: Sequence[tuple[date, Session, Code, bool]]
    left_out: Facts


@requires(Permission.SEE_CASES)
def explain_step(request: Request, standing_id: int) -> HttpResponse:
    """The step that a child is on now. Its sessions are those of the register today, up to the day of its reason."""
    standing = get_object_or_404(Standing.objects.standing().select_related("pupil"), pk=standing_id)
    school, pupil, stated = request.school, standing.pupil, _stated_on(standing)
    tally, ranges, count_n = (
        Tally(facts_of(pupil, standing.evaluated_on)),
        school_ranges(school, stated),
        school.count_n_for_penalties,
    )
    measures = tally.on(ranges, count_n=count_n)
    ladder = next((each for each in policy_on(school, stated).ladders if each.name == standing.ladder), None)
    step = next((each for each in ladder.steps if each.name == standing.step), None) if ladder else None
    conditions = conditions_of(ladder, step) if ladder and step else ()
    behind = [tally.behind(each.measure, ranges, count_n=count_n) for each in conditions]
    began = [each.first for each in behind if each.first]
    held = expected_of(pupil, min(began), max(each.last for each in behind)) if began else []
    parts = [
        _part(n, ladder, condition, measures, found, standing, held)
        for n, (condition, found) in enumerate(zip(conditions, behind, strict=True), 1)
        if ladder
    ]
    latest = measures
    if stated < standing.evaluated_on:
        latest = tally.on(school_ranges(school, standing.evaluated_on), count_n=count_n)
    by_measure = ladder.reached(measures) if ladder else None
    kept = standing.attended, standing.absent, standing.possible
    return render(
        request,
        "reports/explain_step.html",
        {
            "standing": standing,
            "pupil": pupil,
            "stated": stated,
            "parts": parts,
            "is_ahead": standing.reason.endswith(AHEAD),
            "by_measure": ladder.steps[by_measure].name if ladder and by_measure is not None else "no step",
            "latest": latest,
            "is_recounted": kept != (latest.attended, latest.absent, latest.possible),
            "latest_said": [said_of(ladder, each, latest) or "no value" for each in conditions] if ladder else [],
            "back": reverse("casework:see_case", args=[school.urn, pupil.pk]),
        },
    )


def _stated_on(standing: Standing) -> date:
    """The evaluation that its reason is of: the last one, or the last at which the step held."""
    if standing.without_since is None:
        return standing.evaluated_on
    held = Evaluation.objects.filter(on__gte=standing.since, on__lt=standing.without_since).first()
    return held.on if held else standing.since


def _part(
    n: int,
    ladder: Ladder,
    condition: Condition,
    measures: Measures,
    behind: Behind,
    standing: Standing,
    held: Sequence[tuple[date, Session]],
) -> Part:
    measure, said = MEASURES[condition.measure], said_of(ladder, condition, measures)
    return Part(
        f"sessions-{n}",
        OF_MEASURES[condition.measure],
        when(condition.measure, condition.comparison, two_decimals(condition.threshold)),
        said or "no value: nothing to count",
        condition.holds(measures),
        said not in standing.reason.split("; "),
        _sum(condition.measure, measures),
        behind.first,
        behind.last,
        LISTED.get(condition.measure, ""),
        measure.counts < measure.listed,
        [
            (day, Session(session), codes.by_number(code), code in measure.counts)
            for day, session, code in reversed(behind.listed)
        ],
        list(_left_out(condition.measure, behind, held)),
    )


def _sum(name: str, measures: Measures) -> Facts:
    definition, unit = OF_MEASURES[name], MEASURES[name].unit
    numerator, denominator = MEASURES[name].ratio(measures)
    if unit == "per cent":
        return [(definition.part, numerator // 100), (definition.whole, denominator)]
    return [(definition.part, numerator)]


def _left_out(name: str, behind: Behind, held: Sequence[tuple[date, Session]]) -> Iterator[tuple[str, int]]:
    """How many sessions of these days count for nothing, and why."""
    if behind.first is None:
        return
    marked = {(day, session) for day, session, _ in behind.known}
    yield "Sessions not possible", sum(code not in codes.POSSIBLE for _, _, code in behind.known)
    yield (
        "Sessions without a mark",
        sum(behind.first <= slot[0] <= behind.last and slot not in marked for slot in held),
    )
    if MEASURES[name].reach == "window":
        listed = set(behind.listed)
        yield "Sessions coded N", sum(each[2] in codes.NO_REASON and each not in listed for each in behind.known)
