"""What in the record cannot be right, worked out when the page is opened."""

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.models import AuditRow
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request
from reports.checks import run_checks


@requires(Permission.AMEND_MARK)
def see_checks(request: Request) -> HttpResponse:
    checks = run_checks(request.school, clock.now(request.school))
    nights = AuditRow.objects.filter(verb="check_data").order_by("-id")[:7]
    return render(request, "reports/see_checks.html", {"checks": checks, "nights": nights})
