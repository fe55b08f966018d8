"""What stands at a demonstration's threshold: a notice to improve that runs, a decision that waits, one to sign."""

from datetime import date, datetime, time
from typing import Any

from attendance_mis.demo import told_at
from attendance_mis.models import School
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from casework.demo import parents_of, person
from penalties import judging
from penalties.actions import decisions, improvements
from penalties.actions.watch import look
from penalties.amounts import Kind
from penalties.improvement import Target
from penalties.models import Decision, Watch
from penalties.tasks import watch_thresholds
from penalties.thresholds import THRESHOLD
from penalties.watching import settings_of
from penalties.wording import EARLY_GROUNDS, improvement_contents, sessions_text
from registers.codes import by_number
from registers.models import Contact, Pupil, SchoolDay

DAYS_AGO, AT = 5, time(10)  # school days
AT_MOST = 2
SUPPORT = "Two talks with the class teacher, a place at breakfast club, and a meeting to which both parents came."


def tell_penalties(school_id: int, day: str) -> None:
    """Look at the threshold as of last week, decide about some who met it then, and look again as of the day."""
    with acting_for(school_id):
        school, today = School.objects.get(pk=school_id), date.fromisoformat(day)
        past = SchoolDay.objects.filter(day__lt=today).order_by("-day").values_list("day", flat=True)[:DAYS_AGO]
        if on := min(past, default=None):
            with told_at(datetime.combine(on, AT, school.zone)):
                look(school=school, on=on)
                _decide(school, on)
    watch_thresholds(school_id, day)


def _decide(school: School, on: date) -> None:
    by, head = person(school, Role.MANAGER).actor(), person(school, Role.HEAD).actor()
    holidays, others = _who_met_it(on)
    for pupil, parent in holidays[:1]:
        decision = decisions.prepare(pupil=pupil, contact=parent, answers=_answers(on), by=by)
        if not judging.why_not_penalty(decision, on):
            reason = "Days of holiday after the leave was refused; the family knew the rule."
            decisions.decide(decision=decision, outcome=Decision.Outcome.PENALTY, reason=reason, by=head)
    for pupil, parent in others[:1]:
        decision = decisions.prepare(pupil=pupil, contact=parent, answers=_answers(on), by=by)
        reason = "The meeting was good: some weeks to show that it works."
        decisions.decide(decision=decision, outcome=Decision.Outcome.IMPROVEMENT, reason=reason, by=head)
        _offer(school, decision, on)
    for pupil, parent in others[1:2]:
        decisions.prepare(pupil=pupil, contact=parent, answers=_answers(on), by=by)


Families = list[tuple[Pupil, Contact]]


def _who_met_it(on: date) -> tuple[Families, Families]:
    """Who met the threshold, with a parent to write to: those with nothing but holiday, and the others."""
    holidays, others = Families(), Families()
    met = Watch.objects.filter(counted__gte=THRESHOLD, pupil__compulsory_from__lte=on)
    for watch in met.select_related("pupil__school").order_by("counted", "pupil"):
        parent = next((each for each in parents_of(watch.pupil) if each.address_1), None)
        if parent:
            offence = judging.offence_of(watch.pupil, parent, Kind.ABSENCE, None, on)
            letters = {by_number(code).letter for _, _, code in offence.marks}
            (holidays if letters == {"G"} else others).append((watch.pupil, parent))
    return holidays, others


def _answers(on: date) -> dict[str, Any]:
    return {
        "best_tool": True,
        "best_tool_why": "Talks and a meeting have not been enough.",
        "support": True,
        "support_why": SUPPORT,
        "equality": True,
        "equality_why": "No disability and no other protected characteristic is known to play a part.",
        "allowed_absence": True,
        "allowed_why": "The parent was rung on each of these days and gave no reason.",
        "la_checked": on,
        "la_said": "No notice to this parent within three years.",
    }


def _offer(school: School, decision: Decision, on: date) -> None:
    settings = settings_of(school, on)
    weeks = settings.improvement_longest_weeks
    until = improvements.until_of(school, on, weeks, settings)
    if until:
        contents = improvement_contents(
            record=f"These sessions were not authorised:\n{sessions_text(decision.marks)}",
            support_so_far=SUPPORT,
            support_offered="Breakfast club goes on; a family support worker comes to the house.",
            early_grounds=EARLY_GROUNDS,
            starts=on,
            until=until,
            target=Target(AT_MOST),
        )
        improvements.offer(
            decision=decision, starts=on, weeks=weeks, at_most=AT_MOST, contents=contents,
            by=person(school, Role.MANAGER).actor(),
        )  # fmt: skip
