"""What is planned: the list, a new plan with what it would do, and its end."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_tables2 import RequestConfig

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from registers.actions import planning as actions
from registers.forms.planning import CancelForm, PlanForm, PupilsOfForm
from registers.models import ClassGroup, PlannedAbsence, Pupil
from registers.tables import PlannedTable


@requires(Permission.PLAN_ABSENCE)
def see_planned(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    planned = (
        PlannedAbsence.objects.standing().filter(end__gte=today).select_related("pupil").order_by("start", "pupil")
    )
    table = PlannedTable(planned, urn=request.school.urn, today=today)
    RequestConfig(request, paginate={"per_page": 50}).configure(table)
    return render(request, "registers/see_planned.html", {"table": table})


@requires(Permission.PLAN_ABSENCE)
def plan_absence(request: Request) -> HttpResponse:
    """For one pupil (`?pupil=`) or some of a class (`?class=`); first what it would do, then saved."""
    today = clock.today(request.school)
    may_decide_leave = bool(can(request.user, Permission.DECIDE_LEAVE, request.school))
    pupil = _one(request)
    chooser = PupilsOfForm(request.GET if "class" in request.GET else None, classes=ClassGroup.objects.all())
    if pupil:
        choices = Pupil.objects.filter(pk=pupil.pk)
    elif chooser.is_bound and chooser.is_valid():
        choices = Pupil.objects.in_class(chooser.cleaned_data["class"].pk, today)
    else:
        choices = Pupil.objects.on_roll(today) if request.method == "POST" else Pupil.objects.none()
    initial = {"start": today, "pupils": list(choices) if pupil else []}
    form = PlanForm(request.POST or None, pupils=choices, today=today, initial=initial)
    back = pupil.get_absolute_url() if pupil else reverse("registers:see_planned", args=[request.school.urn])
    context = {"form": form, "chooser": None if pupil else chooser, "pupil": pupil, "back": back, "choices": choices}
    if request.method == "POST" and form.is_valid():
        wanted = {"school": request.school, "pupils": form.cleaned_data["pupils"], "plan": form.plan()}
        preview = actions.preview_absence(may_decide_leave=may_decide_leave, **wanted)
        try:
            if "save" in request.POST:
                made = actions.plan_absence(
                    by=request.actor,
                    may_decide_leave=may_decide_leave,
                    leave_out="leave_out" in request.POST,
                    **wanted,
                )
                messages.success(request, f"Planned for {len(made)} pupil{'s' if len(made) > 1 else ''}.")
                return redirect(back)
            if not preview.reasons and "change" not in request.POST:
                return render(request, "registers/preview_absence.html", {**context, "preview": preview})
            for reason in preview.reasons:
                form.add_error(None, reason)
        except Refused as refused:
            form.add_error(None, refused.reasons)
    return render(request, "registers/plan_absence.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_ABSENCE)
def cancel_absence(request: Request, plan_id: int) -> HttpResponse:
    planned = get_object_or_404(PlannedAbsence.objects.select_related("pupil__school"), pk=plan_id)
    form = CancelForm(request.POST or None, others=actions.others_of(planned).count())
    back = planned.pupil.get_absolute_url()
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.cancel_absence(planned=planned, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"{planned.pupil if count == 1 else f'{count} pupils'}: the plan is cancelled.")
            return redirect(back)
    intro = [f"{planned.get_kind_display()}, {planned.said}."]
    if planned.start < clock.today(request.school):
        intro.append("It has begun: it ends yesterday, and what it entered stays.")
    return form_page(
        request,
        form,
        title="Cancel the plan",
        caption=str(planned.pupil),
        button="Cancel the plan",
        back=back,
        intro=intro,
    )


def _one(request: Request) -> Pupil | None:
    asked = request.GET.get("pupil", "")
    return get_object_or_404(Pupil.objects.select_related("school"), pk=int(asked)) if asked.isdecimal() else None
