"""The cases that were open on a day of a time, as `casework.impact` sums them."""

from datetime import date

from django.db.models import Prefetch, Q

from casework.impact import Worked
from casework.models import Case, Plan


def worked_in(first: date, last: date) -> list[Worked]:
    """Three queries."""
    reviewed = Plan.objects.filter(is_reviewed=True, reviewed_on__range=(first, last))
    open_then = Q(closed_on=None) | Q(closed_on__gte=first)
    found = Case.objects.filter(open_then, opened_on__lte=last)
    return [
        Worked(
            case_id=case.pk,
            is_opened=first <= case.opened_on,
            is_closed=case.closed_on is not None and case.closed_on <= last,
            is_improved=case.outcome == Case.Outcome.IMPROVED,
            barriers=frozenset(barrier.get_side_display() for barrier in case.barriers.all()),
            plans=tuple((frozenset(plan.helped), plan.before, plan.after) for plan in case.plans.all()),
        )
        for case in found.prefetch_related("barriers", Prefetch("plans", reviewed))
    ]
