"""Referrals: those that wait for an answer, overdue first; the agencies; one referral and its answer."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from casework.actions import referrals as actions
from casework.forms.referrals import AgencyForm, AnswerForm, ReferralForm
from casework.models import Agency, Referral
from casework.views.tabs import tabs
from registers.models import Pupil

LATEST = 50
USUAL_ANSWER = timedelta(days=14)


@requires(Permission.SEE_CASES)
def see_referrals(request: Request) -> HttpResponse:
    """What waits for an answer, the longest first; the last answers; the agency list."""
    referrals = Referral.objects.select_related("pupil", "agency")
    return render(
        request,
        "casework/see_referrals.html",
        {
            "tabs": tabs(request, "see_referrals"),
            "today": clock.today(request.school),
            "awaiting": referrals.awaiting().order_by("due", "pk"),
            "answered": referrals.exclude(answered_on=None).order_by("-answered_on", "-pk")[:LATEST],
            "agencies": Agency.objects.all(),
            "may_work": bool(can(request.user, Permission.WORK_CASES, request.school)),
        },
    )


def _agency_page(request: Request, agency: Agency | None) -> HttpResponse:
    back = reverse("casework:see_referrals", args=[request.school.urn])
    form = AgencyForm(request.POST or None, instance=agency)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_agency(school=request.school, agency=agency, values=form.cleaned_data, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(back)
    title = "Change the agency" if agency else "Add an agency"
    return form_page(request, form, title=title, button="Save the agency", back=back)


@requires(Permission.WORK_CASES)
def add_agency(request: Request) -> HttpResponse:
    return _agency_page(request, None)


@requires(Permission.WORK_CASES)
def change_agency(request: Request, agency_id: int) -> HttpResponse:
    return _agency_page(request, get_object_or_404(Agency, pk=agency_id))


@requires(Permission.WORK_CASES)
def refer(request: Request, pupil_id: int) -> HttpResponse:
    pupil = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
    back = reverse("casework:see_case", args=[request.school.urn, pupil.pk])
    today = clock.today(request.school)
    form = ReferralForm(request.POST or None, initial={"sent_on": today, "due": today + USUAL_ANSWER})
    if request.method == "POST" and form.is_valid():
        try:
            actions.refer(pupil=pupil, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The referral is recorded.")
            return redirect(back)
    has_agency = Agency.objects.filter(is_in_use=True).exists()
    return form_page(
        request, form, title="Record a referral", button="Record the referral", back=back, caption=str(pupil),
        intro=["Nothing is sent by this: it records what you sent."],
        advice=[] if has_agency else ["The school has no agency on its list yet: add one under Referrals first."],
    )  # fmt: skip


@requires(Permission.WORK_CASES)
def answer_referral(request: Request, referral_id: int) -> HttpResponse:
    referral = get_object_or_404(Referral.objects.select_related("pupil", "agency"), pk=referral_id)
    back = reverse("casework:see_referrals", args=[request.school.urn])
    form = AnswerForm(request.POST or None, initial={"on": clock.today(request.school)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.answer_referral(referral=referral, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The answer is recorded.")
            return redirect(back)
    return form_page(
        request, form, title="Record the answer", button="Record the answer", back=back, caption=str(referral.pupil),
        intro=[f"{referral.agency}, sent on {referral.sent_on:%-d %B %Y}: {referral.what}"],
        advice=[referral.concern],
    )  # fmt: skip
