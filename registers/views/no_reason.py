"""N marks older than five school days: a person turns each, or all she chose, into O."""

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request, per_page, row_id
from registers import no_reason
from registers.actions.no_reason import REASON
from registers.actions.no_reason import turn_n_into_o as turn
from registers.forms.choosing import ChosenMarksForm, token

PER_PAGE = 50
LAST_PAGE = 1_000_000  # beyond it no school has a mark, and no database counts so far


@requires(Permission.AMEND_MARK)
def turn_n_into_o(request: Request) -> HttpResponse:
    one = request.POST.getlist("only")  # the button of a row, whatever is ticked elsewhere
    form = ChosenMarksForm({"mark": one} if one else request.POST) if request.method == "POST" else ChosenMarksForm()
    if form.is_valid():
        try:
            turned = turn(school=request.school, chosen=form.cleaned_data["mark"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{turned} mark{'s' if turned > 1 else ''} turned into O, each by an amendment.")
            return redirect(request.get_full_path())
    return render(
        request,
        "registers/turn_n_into_o.html",
        {"page": _page(request), "reason": REASON, "form": form},
        status=422 if form.errors else 200,
    )


def _page(request: Request) -> Page:
    size = per_page(request, PER_PAGE)
    number = min(row_id(request.GET.get("page", "")) or 1, LAST_PAGE)
    found, total = no_reason.overdue(
        request.school, clock.today(request.school), limit=size, offset=size * (number - 1)
    )
    rows = [(old, token(old.slot, old.version)) for old in found]
    return Page(rows, number, Paginator(range(total), size))
