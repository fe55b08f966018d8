"""Who signs penalty notices: the headteacher, and whom she has authorised."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.models import Authorisation
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from penalties.actions import signing as actions
from penalties.forms.notices import WhyForm
from penalties.forms.signing import AuthoriseForm
from penalties.views.hub import act_on, tabs


@requires(Permission.PREPARE_PENALTY)
def see_signers(request: Request) -> HttpResponse:
    """Every authorisation of the school, in force, to come, ended or withdrawn."""
    today = clock.today(request.school)
    given = request.school.authorisations.filter(permission=Permission.DECIDE_PENALTY)
    return render(
        request,
        "penalties/see_signers.html",
        {
            "tabs": tabs(request, "penalties:see_signers"),
            "rows": [
                {"given": each, "stands": _stands(each, today), "may_withdraw": _stands(each, today) in OPEN}
                for each in given.select_related("withdrawn_by")
            ],
            "may_authorise": bool(can(request.user, Permission.AUTHORISE_SIGNER, request.school)),
        },
    )


OPEN = ("in force", "to come")


def _stands(given: Authorisation, today: object) -> str:
    if given.withdrawn_on:
        return "withdrawn"
    if given.starts > today:  # type: ignore[operator]
        return "to come"
    return "in force" if given.holds_on(today) else "ended"  # type: ignore[arg-type]


@requires(Permission.AUTHORISE_SIGNER)
def authorise_signer(request: Request) -> HttpResponse:
    def act(values: dict) -> None:
        made = actions.authorise(by=request.actor, **values)
        messages.success(request, f"{made.person_name} may decide and sign penalty notices.")

    form = AuthoriseForm(request.POST or None, school=request.school, initial={"starts": clock.today(request.school)})
    if not form.fields["membership"].queryset.exists():  # type: ignore[attr-defined]
        return render(request, "penalties/nobody_to_authorise.html")
    return act_on(
        request,
        form,
        reverse("penalties:see_signers", args=[request.school.urn]),
        act,
        title="Authorise somebody to sign",
        button="Authorise",
        intro=[
            "A deputy or assistant headteacher whom you authorise may decide and sign penalty notices in your place, "
            "and in her own name (5.16). The headteacher's statement of a referral stays yours."
        ],
    )


@requires(Permission.AUTHORISE_SIGNER)
def withdraw_authorisation(request: Request, authorisation_id: int) -> HttpResponse:
    given = get_object_or_404(
        request.school.authorisations.select_related("school"),
        pk=authorisation_id,
        permission=Permission.DECIDE_PENALTY,
    )
    return act_on(
        request,
        WhyForm(request.POST or None),
        reverse("penalties:see_signers", args=[request.school.urn]),
        lambda values: actions.withdraw(authorisation=given, by=request.actor, **values),
        title="Withdraw the authorisation",
        caption=f"{given.person_name}, {given.person_position}",
        button="Withdraw it",
        danger=True,
        intro=["It ends today, at once. What was signed under it stays as it was signed."],
    )
