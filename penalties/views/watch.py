"""Who is near the threshold, the working behind each count, what other schools say, and the school's readings."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from penalties.actions import watch as actions
from penalties.forms.watch import EvidenceForm, ReadingsForm
from penalties.models import Evidence, LastLook, Readings, Watch
from penalties.readings import POINTS, default_of
from penalties.sources import RULES
from penalties.thresholds import APPROACHING, THRESHOLD
from penalties.views.hub import act_on, family_url, pupil_of, tabs
from penalties.watching import settings_of


@requires(Permission.PREPARE_PENALTY)
def see_watch(request: Request) -> HttpResponse:
    """Who has met the threshold, and who approaches it; looked at again now if a register was written since."""
    actions.follow_changes(school=request.school)
    rows = Watch.objects.filter(counted__gte=APPROACHING).select_related("pupil").order_by("-counted", "pupil")
    only_n = Watch.objects.filter(counted__lt=APPROACHING).select_related("pupil")
    look = LastLook.objects.filter(school=request.school).first()
    return render(
        request,
        "penalties/see_watch.html",
        {
            "tabs": tabs(request, "penalties:see_watch"),
            "met": [row for row in rows if row.counted >= THRESHOLD],
            "near": [row for row in rows if row.counted < THRESHOLD],
            "if_n_counts": [row for row in only_n if row.provisional and row.counted + row.provisional >= APPROACHING],
            "look": look,
            "threshold": THRESHOLD,
        },
    )


@requires(Permission.PREPARE_PENALTY)
def add_evidence(request: Request, pupil_id: int) -> HttpResponse:
    pupil = pupil_of(request, pupil_id)
    return act_on(
        request,
        EvidenceForm(request.POST or None),
        family_url(request, pupil.pk),
        lambda values: actions.add_evidence(pupil=pupil, by=request.actor, **values),
        title="What another school says",
        caption=str(pupil),
        button="Take it down",
        intro=[
            "Unauthorised sessions at another school count to the same threshold. A session known from both schools "
            "counts once."
        ],
    )


@requires(Permission.PREPARE_PENALTY)
@require_POST
def remove_evidence(request: Request, evidence_id: int) -> HttpResponse:
    evidence = get_object_or_404(Evidence.objects.select_related("school"), pk=evidence_id)
    actions.remove_evidence(evidence=evidence, by=request.actor)
    messages.success(request, "Struck out.")
    return redirect(family_url(request, evidence.pupil_id))


@requires(Permission.PREPARE_PENALTY)
def see_readings(request: Request) -> HttpResponse:
    """Every disputed point: the question, this school's reading, the default and where it comes from."""
    today = clock.today(request.school)
    now = settings_of(request.school, today)
    return render(
        request,
        "penalties/see_readings.html",
        {
            "tabs": tabs(request, "penalties:see_readings"),
            "points": [_point(name, getattr(now, name)) for name in POINTS],
            "rules": RULES,
            "versions": Readings.objects.select_related("changed_by"),
            "today": today,
            "may_choose": bool(can(request.user, Permission.CHANGE_POLICY, request.school)),
        },
    )


def _point(name: str, value: object) -> dict[str, Any]:
    point, default = POINTS[name], default_of(name)
    return {
        "question": point.question,
        "paragraph": point.paragraph,
        "source": point.source,
        "reading": point.readings.get(value, str(value)),
        "default": point.readings.get(default, str(default)),
        "is_default": value == default,
    }


@requires(Permission.CHANGE_POLICY)
def choose_readings(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    now = settings_of(request.school, today)

    def act(values: dict[str, Any]) -> None:
        actions.choose_readings(school=request.school, settings=form.settings(), why=values["why"], by=request.actor)

    form = ReadingsForm(request.POST or None, now=now, initial={"in_force_from": today})
    return act_on(
        request,
        form,
        reverse("penalties:see_readings", args=[request.school.urn]),
        act,
        title="Choose the school's readings",
        button="Choose these readings",
        intro=[
            "Your local authority's code of conduct decides. Where the sources differ, the default is the one shown on "
            "the page before this."
        ],
    )
