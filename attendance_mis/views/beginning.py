"""The way into an empty system: a link of the server's owner makes a school and its first technician."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from attendance_mis import actions
from attendance_mis.beginning import read_token
from attendance_mis.forms.beginning import BeginSchoolForm
from attendance_mis.permissions import open_to
from attendance_mis.requests import Request


@open_to("anyone")
@never_cache
@login_not_required
def begin_school(request: Request, token: str) -> HttpResponse:
    beginning = read_token(token)
    if beginning is None:
        return render(request, "attendance_mis/begin_spent.html", status=410)
    form = BeginSchoolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return actions.begin_school(request, beginning=beginning, **form.cleaned_data)
        except actions.Refused as refused:
            form.add_error(None, refused.reasons)
    context = {"form": form, "trust": beginning.trust}
    return render(request, "attendance_mis/begin_school.html", context, status=422 if form.errors else 200)
