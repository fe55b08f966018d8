"""What casework did, by group, for governors: no name, small numbers hidden."""

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from casework.equity import equity_of
from registers.calendar_rules import academic_year_bounds, academic_year_of, year_name
from reports import aggregates, equity
from reports.figures import Figures, Question
from reports.ranges import DEFAULT, Range


@requires(Permission.READ_GOVERNOR_REPORT)
def see_casework(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    year = academic_year_of(today)
    so_far = Range(DEFAULT, "", academic_year_bounds(year)[0], today)
    threshold = request.school.small_numbers_under
    not_shown = aggregates.not_shown(Figures(Question(request.school, today, so_far, so_far)))
    table = equity.table(equity_of(request.school, so_far.first, today), threshold, not_shown)
    return render(
        request,
        "reports/see_casework.html",
        {
            "table": table if equity.is_telling(table) else [],
            "year": year_name(year),
            "today": today,
            "threshold": threshold,
        },
    )
