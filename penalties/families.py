"""The whole ladder of support and sanction of one family, in order of its days."""

from dataclasses import dataclass
from datetime import date

from penalties.models import Decision, ImprovementNotice, Order, PenaltyNotice
from registers.models import Pupil


@dataclass(frozen=True, slots=True)
class Rung:
    """One thing that was done. `href` is empty where there is no page of its own."""

    on: date
    text: str
    href: str = ""


def ladder_of(pupil: Pupil) -> list[Rung]:
    """Cases, plans, decisions, notices and orders from the first concern on."""
    rungs: list[Rung] = []
    for case in pupil.cases.prefetch_related("plans"):
        rungs.append(Rung(case.opened_on, "Case opened"))
        for plan in case.plans.all():
            rungs.append(Rung(plan.starts, "Plan"))
            if plan.reviewed_on:
                rungs.append(Rung(plan.reviewed_on, "Review" if plan.was_held else "Review: the family did not come"))
        if case.closed_on:
            rungs.append(Rung(case.closed_on, "Case closed"))
    decided = Decision.objects.filter(pupil=pupil).exclude(outcome__in=["", "lapsed"]).select_related("school")
    for each in decided:
        text = f"Decided: {each.get_outcome_display().lower()}"
        rungs.append(Rung(each.decided_on or each.prepared_on, text, each.get_absolute_url()))
    for improvement in ImprovementNotice.objects.filter(pupil=pupil).select_related("school"):
        text = f"Notice to improve: {improvement.state}"
        rungs.append(Rung(improvement.offered_on, text, improvement.get_absolute_url()))
    for notice in PenaltyNotice.objects.filter(pupil=pupil).exclude(issued_on=None).select_related("school"):
        if notice.issued_on:
            rungs.append(Rung(notice.issued_on, f"Penalty notice: {notice.state}", notice.get_absolute_url()))
    for order in Order.objects.filter(pupil=pupil):
        rungs.append(Rung(order.asked_on, f"{order}: {'made' if order.made_on else 'asked for'}"))
    return sorted(rungs, key=lambda rung: rung.on)
