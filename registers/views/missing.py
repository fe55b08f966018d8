"""Registers nobody sent."""

from django.http import HttpResponse
from django.shortcuts import render

from attendance_mis import clock
from attendance_mis.permissions import Grant, Permission, requires
from attendance_mis.requests import Request
from registers.calendar_rules import academic_year_bounds, academic_year_of
from registers.forms.missing import SinceForm
from registers.missing import missing_registers


@requires(Permission.TAKE_REGISTER)
def see_missing(request: Request) -> HttpResponse:
    """Since the start of the academic year, unless another day is asked for; a teacher sees her own classes'."""
    now = clock.now(request.school)
    form = SinceForm(request.GET or None)
    year_began, _ = academic_year_bounds(academic_year_of(now.date()))
    since = (form.cleaned_data["since"] if form.is_valid() else None) or year_began
    own = None if request.grant == Grant.ALL else request.user.pk
    registers = missing_registers(request.school, since, now, own_of_user=own)
    return render(
        request, "registers/see_missing.html", {"registers": registers, "since": since, "form": form, "own": own}
    )
