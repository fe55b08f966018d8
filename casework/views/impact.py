"""What casework has done this school year, without a name."""

from datetime import date

from django.db.models import Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.equity import equity_of, table
from casework.impact import ENOUGH, Worked, by_barrier, by_support, together
from casework.models import Case, Plan
from casework.views.tabs import tabs
from registers.calendar_rules import academic_year_bounds, academic_year_of, year_name


@requires(Permission.SEE_CASES)
def see_impact(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    year = academic_year_of(today)
    first, last = academic_year_bounds(year)
    cases = _worked(first, last)
    return render(
        request,
        "casework/see_impact.html",
        {
            "tabs": tabs(request, "see_impact"),
            "year": year_name(year),
            "all": together(cases),
            "barriers": by_barrier(cases),
            "supports": by_support(cases),
            "enough": ENOUGH,
            "equity": table(equity_of(request.school, first, today)),
        },
    )


def _worked(first: date, last: date) -> list[Worked]:
    """Every case that was open on a day of the year; three queries."""
    reviewed = Plan.objects.filter(is_reviewed=True, reviewed_on__range=(first, last))
    open_then = Q(closed_on=None) | Q(closed_on__gte=first)
    found = Case.objects.filter(open_then, opened_on__lte=last)
    return [
        Worked(
            is_opened=first <= case.opened_on,
            is_closed=case.closed_on is not None and case.closed_on <= last,
            is_improved=case.outcome == Case.Outcome.IMPROVED,
            barriers=frozenset(barrier.get_side_display() for barrier in case.barriers.all()),
            plans=tuple((frozenset(plan.helped), plan.before, plan.after) for plan in case.plans.all()),
        )
        for case in found.prefetch_related("barriers", Prefetch("plans", reviewed))
    ]
