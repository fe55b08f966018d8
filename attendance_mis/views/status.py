"""The technician's page: is everything behind the registers running?"""

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.views.decorators.cache import never_cache

from attendance_mis import clock, status
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request


@requires(Permission.RUN_SCHOOL)
@never_cache
def see_status(request: Request) -> HttpResponse:
    state = status.of(request.school)
    base, disk = state.database, state.storage
    machine = [
        {"key": "PostgreSQL", "value": base.version},
        {"key": "Database size", "value": filesizeformat(base.size)},
        {"key": "Connections", "value": f"{base.connections} of {base.allowed}"},
        {"key": "Storage free", "value": f"{filesizeformat(disk.free)} of {filesizeformat(disk.total)}"},
        {
            "key": "Tasks waiting",
            "value": "The broker does not answer" if state.waiting is None else str(state.waiting),
        },
    ]
    context = {"state": state, "machine": machine, "now": clock.true_now(request.school)}
    return render(request, "attendance_mis/see_status.html", context)
