"""Letters to approve: who would get what and why, what to mind, and the decision over one or many."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, requires, roles_at
from attendance_mis.requests import Request, row_ids
from letters.actions import proposing, queueing
from letters.actions.approving import approve_letters
from letters.forms.letters import DropForm, ProposeForm, WriteLetterForm
from letters.models import Letter
from letters.occasions import Occasion
from letters.preparing import prepare
from letters.views.tabs import tabs
from registers.models import Pupil


@requires(Permission.APPROVE_LETTERS)
def see_proposals(request: Request) -> HttpResponse:
    return _page(request, DropForm(), chosen=None)


def _page(request: Request, form: DropForm, chosen: set[int] | None, status: int = 200) -> HttpResponse:
    """The list; `chosen` None: those that nothing speaks against."""
    letters = list(
        Letter.objects.proposed().select_related("template", "pupil").order_by("occasion", "pupil", "pk")
    )  # fmt: skip
    roles = roles_at(request.user, request.school)
    rows = prepare(request.school, letters, clock.today(request.school), roles)
    return render(
        request,
        "letters/see_proposals.html",
        {
            "tabs": tabs(request, "see_proposals"),
            "rows": rows,
            "chosen": {row.letter.pk for row in rows if not row.warnings and not row.reasons}
            if chosen is None
            else chosen,
            "warned": sum(bool(row.warnings or row.reasons) for row in rows),
            "form": form,
        },
        status=status,
    )


@requires(Permission.APPROVE_LETTERS)
@require_POST
def decide_letters(request: Request) -> HttpResponse:
    """Approve or drop the chosen letters, all or none."""
    chosen = row_ids(request.POST.getlist("letter"))
    form = DropForm(request.POST)
    if not chosen:
        messages.info(request, "Choose at least one letter.")
        return redirect("letters:see_proposals", request.school.urn)
    try:
        form.is_valid()
        if request.POST.get("decision") == "approve":
            roles = roles_at(request.user, request.school)
            count = approve_letters(school=request.school, letters=chosen, roles=roles, by=request.actor)
            said = "approved. The copies are being made"
        else:
            reason = form.cleaned_data.get("reason", "")
            count = queueing.drop_letters(letters=chosen, reason=reason, by=request.actor)
            said = "dropped"
    except Refused as refused:
        form.add_error(None, refused.reasons)
        return _page(request, form, chosen, status=422)
    messages.success(request, f"{count} letter{'s' * (count != 1)} {said}.")
    return redirect("letters:see_proposals", request.school.urn)


@requires(Permission.APPROVE_LETTERS)
def propose_letters(request: Request) -> HttpResponse:
    form = ProposeForm(request.POST or None)
    back = reverse("letters:see_proposals", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        count = proposing.propose_for_many(
            school=request.school,
            occasion=Occasion(values["occasion"]),
            class_group=values["class_group"],
            year_group=values["year_group"],
            at_most=values["at_most"],
            late_at_least=values["late_at_least"],
            by=request.actor,
        )
        if count:
            messages.success(request, f"{count} letter{'s' * (count != 1)} to approve. Nothing has been sent.")
            return redirect(back)
        form.add_error(None, "No pupil fits, or all who fit have this letter waiting already.")
    return form_page(
        request,
        form,
        title="Write to many",
        button="Propose the letters",
        back=back,
        intro=["Each pupil who fits gets a proposal. You see each one, with what to mind, before anything is sent."],
    )


@requires(Permission.APPROVE_LETTERS)
def write_letter(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    form = WriteLetterForm(request.POST or None)
    back = reverse("letters:see_correspondence", args=[request.school.urn, pupil.pk])
    if request.method == "POST" and form.is_valid():
        letter = queueing.queue_letter(school=request.school, pupil=pupil, by=request.actor, **form.cleaned_data)
        return redirect(letter.get_absolute_url())
    return form_page(
        request, form, title="Write to the parents", caption=str(pupil), button="Go on", back=back,
        intro=["You see the letter and what to mind before it is approved."],
    )  # fmt: skip
