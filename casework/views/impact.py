"""What casework has done this school year, without a name."""

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.equity import equity_of, table
from casework.impact import ENOUGH, by_barrier, by_support, together
from casework.querysets.impact import worked_in
from casework.views.tabs import tabs
from registers.calendar_rules import academic_year_bounds, academic_year_of, year_name


@requires(Permission.SEE_CASES)
def see_impact(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    year = academic_year_of(today)
    first, last = academic_year_bounds(year)
    cases = worked_in(first, last)
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
