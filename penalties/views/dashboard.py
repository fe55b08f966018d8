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
from penalties.numbers import HIDDEN
from penalties.views.hub import tabs
from registers.calendar_rules import academic_year_of, year_name


@requires(Permission.PREPARE_PENALTY)
def see_penalties(request: Request) -> HttpResponse:
    """Who is near, what waits for whom, what runs until when."""
    watch.follow_changes(school=request.school)
    today = clock.today(request.school)
    found = dashboard.waiting(request.school, today)
    year = academic_year_of(today)
    running = [
        {
            "notice": notice,
            "due": notice.due_on(today),
            "is_over": notice.is_over_on(today),
            "unpaid": notice.unpaid_on(today),
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
            "due": f"£{sum(notice.due_on(today) or 0 for notice in found.running):,}",
            "paid": f"£{dashboard.sum_of(dashboard.payments_of(year)[0]):,}",
            "year": year_name(year),
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
