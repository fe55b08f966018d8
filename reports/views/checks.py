"""What in the record cannot be right, worked out when the page is opened."""

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import audit, clock
from attendance_mis.downloads import file_of
from attendance_mis.models import AuditRow
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from reports.checks import run_checks


@requires(Permission.AMEND_MARK)
def see_checks(request: Request) -> HttpResponse:
    checks = run_checks(request.school, clock.now(request.school))
    nights = AuditRow.objects.filter(verb="check_data").order_by("-id")[:7]
    return render(request, "reports/see_checks.html", {"checks": checks, "nights": nights})


@requires(Permission.AMEND_MARK)
def export_checks(request: Request, kind: str) -> HttpResponse:
    """What was found, as a file; taking it out is recorded."""
    checks = run_checks(request.school, clock.now(request.school))
    rows = [(check.title, each.about, each.what, each.fix) for check in checks for each in check.found]
    answer = file_of(kind, f"data-checks-{request.school.urn}", (("check", "about", "what", "put_it_right"), rows))
    audit.record(
        "export_checks", school_id=request.school.pk, by=request.actor,
        summary=f"Exported what the data checks found, {len(rows)} lines, as {kind.upper()}.",
    )  # fmt: skip
    return answer
