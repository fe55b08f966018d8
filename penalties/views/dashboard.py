"""The hub of penalties, and its years in numbers."""

import csv

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from penalties import dashboard
from penalties.actions import watch
from penalties.amounts import sum_due
from penalties.views.hub import tabs
from registers.calendar_rules import academic_year_of, year_name


@requires(Permission.PREPARE_PENALTY)
def see_penalties(request: Request) -> HttpResponse:
    """Who is near, what waits for whom, what runs until when."""
    watch.follow_changes(school=request.school)
    today = clock.today(request.school)
    found = dashboard.waiting(request.school)
    running = [
        {
            "notice": notice,
            "due": sum_due(notice.amount, notice.period, today) if notice.amount and notice.period else None,
            "is_over": bool(notice.period and today >= notice.period.over_from),
        }
        for notice in found.running
    ]
    return render(
        request,
        "penalties/see_penalties.html",
        {
            "tabs": tabs(request, "penalties:see_penalties"),
            "found": found,
            "running": running,
            "improvements": [{"notice": n, "progress": n.progress(n.unauthorised, today)} for n in found.improvements],
            "today": today,
        },
    )


@requires(Permission.PREPARE_PENALTY)
def see_summary(request: Request) -> HttpResponse:
    """The last three academic years in numbers; `?as=csv` is the file for governors, small numbers left out."""
    year = academic_year_of(clock.today(request.school))
    years = [year, year - 1, year - 2]
    found = {each: dict(dashboard.year_in_numbers(request.school, each)) for each in years}
    names = list(dict.fromkeys(name for each in years for name in found[each]))
    rows = [(name, [dashboard.suppressed(found[each].get(name, 0)) for each in years]) for name in names]
    header = [year_name(each) for each in years]
    if request.GET.get("as") == "csv":
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="penalties-{year}.csv"'
        csv.writer(response).writerows([["", *header], *([name, *numbers] for name, numbers in rows)])
        return response
    context = {"tabs": tabs(request, "penalties:see_summary"), "rows": rows, "header": header}
    return render(request, "penalties/see_summary.html", context)
