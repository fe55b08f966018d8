"""The whole ladder of support and sanction of each family, on one line in order of its days."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from casework.models import Case
from penalties.models import Decision, ImprovementNotice, Order, Pack, PenaltyNotice
from registers.models import Pupil


@dataclass(frozen=True, slots=True)
class Rung:
    """One thing that was done. `href` is empty where there is no page of its own."""

    on: date
    text: str
    href: str = ""


def ladder_of(pupil: Pupil) -> list[Rung]:
    """Cases, plans, decisions, notices and orders from the first concern on."""
    return ladders_of([pupil.pk])[pupil.pk]


def ladders_of(pupils: Collection[int]) -> dict[int, list[Rung]]:
    """The ladder of each of these children; six queries, however many they are."""
    rungs: dict[int, list[Rung]] = {pupil: [] for pupil in pupils}
    about = {"pupil__in": pupils}
    for case in Case.objects.filter(**about).prefetch_related("plans"):
        line = rungs[case.pupil_id]
        line.append(Rung(case.opened_on, "Case opened"))
        for plan in case.plans.all():
            line.append(Rung(plan.starts, "Plan"))
            if plan.reviewed_on:
                line.append(Rung(plan.reviewed_on, "Review" if plan.was_held else "Review: the family did not come"))
        if case.closed_on:
            line.append(Rung(case.closed_on, "Case closed"))
    decided = Decision.objects.filter(**about).exclude(outcome__in=["", Decision.Outcome.LAPSED])
    for each in decided.select_related("school"):
        text = f"Decided: {each.get_outcome_display().lower()}"
        rungs[each.pupil_id].append(Rung(each.decided_on or each.prepared_on, text, each.get_absolute_url()))
    for improvement in ImprovementNotice.objects.filter(**about).select_related("school"):
        text = f"Notice to improve: {improvement.state}"
        rungs[improvement.pupil_id].append(Rung(improvement.offered_on, text, improvement.get_absolute_url()))
    for notice in PenaltyNotice.objects.filter(**about).exclude(issued_on=None).select_related("school"):
        if notice.issued_on:
            text = f"Penalty notice: {notice.state}"
            rungs[notice.pupil_id].append(Rung(notice.issued_on, text, notice.get_absolute_url()))
    for order in Order.objects.filter(**about):
        rungs[order.pupil_id].append(Rung(order.asked_on, f"{order}: {'made' if order.made_on else 'asked for'}"))
    for pack in Pack.objects.filter(**about, completed_on__isnull=False).select_related("school"):
        if pack.completed_on:
            rungs[pack.pupil_id].append(Rung(pack.completed_on, "Referred", pack.get_absolute_url()))
    for line in rungs.values():
        line.sort(key=lambda rung: rung.on)
    return rungs


def families_on_the_ladder() -> QuerySet[Pupil]:
    """The children of the school in scope about whom anything of penalties was decided, issued, ordered or referred."""
    of_pupil = {"pupil": OuterRef("pk")}
    return Pupil.objects.filter(
        Exists(Decision.objects.filter(**of_pupil).exclude(outcome__in=["", Decision.Outcome.LAPSED]))
        | Exists(PenaltyNotice.objects.filter(**of_pupil, issued_on__isnull=False))
        | Exists(Order.objects.filter(**of_pupil))
        | Exists(Pack.objects.filter(**of_pupil, dropped_on=None))
    ).order_by("legal_surname", "legal_forename", "pk")
