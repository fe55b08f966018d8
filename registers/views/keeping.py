"""Keeping records: by which rule, what is due, who approved its deletion, and the certificates."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis.actions import Refused
from attendance_mis.models import Disposal
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, requires
from attendance_mis.requests import Request, row_id
from registers import disposals
from registers.actions import disposing
from registers.forms.keeping import RetentionForm
from registers.models import DisposalApproval
from registers.retention import CATEGORIES, Category


@requires(Permission.APPROVE_DISPOSAL)
def see_keeping(request: Request) -> HttpResponse:
    approved = {each.category: each for each in DisposalApproval.objects.filter(done_at=None, withdrawn_at=None)}
    rows = [{"due": disposals.due(request.school, name), "approval": approved.get(name)} for name in CATEGORIES]
    certificates = Disposal.objects.order_by("-number")
    return render(request, "registers/see_keeping.html", {"rows": rows, "certificates": certificates})


@requires(Permission.APPROVE_DISPOSAL)
def change_retention(request: Request, category: str) -> HttpResponse:
    kind = _known(category)
    years, old = disposals.rule_of(request.school, kind)
    form = RetentionForm(request.POST or None, initial={"years": years, "old_regulations": old}, category=kind)
    back = reverse("registers:see_keeping", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        try:
            disposing.set_rule(school=request.school, category=category, by=request.actor, **form.values())
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "Saved. Nothing is deleted by that alone.")
            return redirect(back)
    title = f"How long to keep: {kind.title.lower()}"
    return form_page(request, form, title=title, button="Save", back=back)


@requires(Permission.APPROVE_DISPOSAL)
@require_POST
def approve_disposal(request: Request, category: str) -> HttpResponse:
    return _done(
        request,
        disposing.approve_disposal,
        "Approved. The technician deletes it within thirty days, and the certificate stands here.",
        category=category,
        shown=row_id(request.POST.get("shown", "")),
    )


@requires(Permission.APPROVE_DISPOSAL)
@require_POST
def withdraw_approval(request: Request, category: str) -> HttpResponse:
    return _done(request, disposing.withdraw_approval, "The approval is taken back.", category=category)


@requires(Permission.APPROVE_DISPOSAL)
def see_disposal(request: Request, number: int) -> HttpResponse:
    certificate = get_object_or_404(Disposal.objects.all(), number=number)
    rows = [
        {"what": what, "removed": count, "left": certificate.left.get(what)}
        for what, count in certificate.removed.items()
        if count
    ]
    return render(request, "registers/see_disposal.html", {"certificate": certificate, "rows": rows})


def _known(category: str) -> Category:
    if category not in CATEGORIES:
        raise Http404("No such category.")
    return CATEGORIES[category]


def _done(request: Request, action: Any, said: str, *, category: str, **values: Any) -> HttpResponse:
    try:
        action(category=_known(category).name, school=request.school, by=request.actor, **values)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, said)
    return redirect("registers:see_keeping", request.school.urn)
