"""The hub of penalties, and its years in numbers."""

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.downloads import file_of
from attendance_mis.file_links import signed_file
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from penalties import dashboard
from penalties.actions import after, watch
from penalties.amounts import sum_due
from penalties.numbers import HIDDEN
from penalties.views.hub import tabs
from registers.calendar_rules import academic_year_of, year_name


@requires(Permission.PREPARE_PENALTY)
def see_penalties(request: Request) -> HttpResponse:
    """Who is near, what waits for whom, what runs until when."""
    watch.follow_changes(school=request.school)
    today = clock.today(request.school)
    found = dashboard.waiting(request.school, today)
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
    """The last three academic years in numbers; small numbers are left out."""
    year = academic_year_of(clock.today(request.school))
    context = {
        "tabs": tabs(request, "penalties:see_summary"),
        "tables": dashboard.years_in_numbers(request.school, year),
        "years": [(each, year_name(each)) for each in dashboard.years_shown(year)],
        "hidden": HIDDEN,
    }
    return render(request, "penalties/see_summary.html", context)


@requires(Permission.PREPARE_PENALTY)
@signed_file
def authority_csv(request: Request) -> HttpResponse:
    """The notices of an academic year (`?year=2024` is 2024/25) for the local authority, by name; it is recorded."""
    this = academic_year_of(clock.today(request.school))
    shown = {str(year): year for year in dashboard.years_shown(this)}
    year = shown.get(request.GET.get("year", ""), this)
    rows = after.export_for_authority(school=request.school, academic_year=year, by=request.actor)
    return file_of("csv", f"penalty-notices-{year}", (dashboard.AUTHORITY_HEADER, rows))
