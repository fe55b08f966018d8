"""What is planned: the list, a new plan with what it would do, and its end."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django_tables2 import RequestConfig

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request, per_page, row_id
from registers.actions import planning as actions
from registers.actions import replanning
from registers.forms.planning import CancelForm, MarksForm, PlanForm, PupilsOfForm, shown
from registers.models import ClassGroup, PlannedAbsence, Pupil
from registers.tables import PlannedTable

LATELY = timedelta(14)


@requires(Permission.PLAN_ABSENCE)
def see_planned(request: Request) -> HttpResponse:
    """What is planned from today on; with `?lately` also what ended in the last two weeks, to be put right."""
    today = clock.today(request.school)
    lately = "lately" in request.GET
    since = today - LATELY if lately else today
    planned = (
        PlannedAbsence.objects.standing().filter(end__gte=since).select_related("pupil").order_by("start", "pupil")
    )
    table = PlannedTable(actions.grouped(planned), urn=request.school.urn, today=today)
    RequestConfig(request, paginate={"per_page": per_page(request, 50)}).configure(table)
    return render(request, "registers/see_planned.html", {"table": table, "lately": lately})


@requires(Permission.PLAN_ABSENCE)
def plan_absence(request: Request) -> HttpResponse:
    """For one pupil (`?pupil=`) or some of a class (`?class=`); first what it would do, then saved."""
    today = clock.today(request.school)
    may_decide_leave = bool(can(request.user, Permission.DECIDE_LEAVE, request.school))
    pupil = _one(request)
    chooser = PupilsOfForm(request.GET if "class" in request.GET else None, classes=ClassGroup.objects.all())
    marks = MarksForm(request.POST or None, leaves=False)
    if pupil:
        choices = Pupil.objects.filter(pk=pupil.pk)
    elif chooser.is_bound and chooser.is_valid():
        chosen = chooser.cleaned_data["class"]
        choices = Pupil.objects.on_roll(today) if chosen == "all" else Pupil.objects.in_class(int(chosen), today)
    else:
        choices = Pupil.objects.on_roll(today) if request.method == "POST" else Pupil.objects.none()
    initial = {"start": today, "pupils": list(choices) if pupil else []}
    form = PlanForm(request.POST or None, pupils=choices, today=today, initial=initial)
    back = pupil.get_absolute_url() if pupil else reverse("registers:see_planned", args=[request.school.urn])
    context = {
        "form": form,
        "chooser": None if pupil else chooser,
        "pupil": pupil,
        "back": back,
        "choices": choices,
        "nobody_on_roll": not pupil and not Pupil.objects.on_roll(today).exists(),
    }
    if request.method == "POST" and form.is_valid() and marks.is_valid():
        wanted = {"school": request.school, "pupils": form.cleaned_data["pupils"], "plan": form.plan()}
        preview = actions.preview_absence(may_decide_leave=may_decide_leave, **wanted)
        try:
            if "save" in request.POST:
                made = actions.plan_absence(
                    by=request.actor,
                    may_decide_leave=may_decide_leave,
                    leave_out="leave_out" in request.POST,
                    **marks.chosen(),
                    **wanted,
                )
                messages.success(request, f"Planned for {len(made)} pupil{'s' if len(made) > 1 else ''}.")
                return redirect(back)
            if not preview.reasons and "change" not in request.POST:
                marks = MarksForm(initial={"seen": preview.seen}, leaves=False)
                page = {**context, "preview": preview, "marks": marks}
                return render(request, "registers/preview_absence.html", page)
            for reason in preview.reasons:
                form.add_error(None, reason)
        except Refused as refused:
            form.add_error(None, refused.reasons)
            if not preview.reasons:  # what is wrong is the marks or the pupils: the page that shows them says so
                marks = MarksForm({**request.POST.dict(), "seen": preview.seen}, leaves=False)
                page = {**context, "preview": preview, "marks": marks}
                return render(request, "registers/preview_absence.html", page, status=422)
    return render(request, "registers/plan_absence.html", context, status=422 if form.errors else 200)


@requires(Permission.PLAN_ABSENCE)
def change_absence(request: Request, plan_id: int) -> HttpResponse:
    """A plan of one pupil, or with `?all` of everybody who has the same; what it would do first, marks included."""
    planned = get_object_or_404(PlannedAbsence.objects.select_related("pupil__school"), pk=plan_id)
    today = clock.today(request.school)
    for_all = "all" in request.GET
    others = replanning.others_of(planned).count()
    group = replanning.group_of(planned) if for_all else [planned]
    ids = [each.pupil_id for each in group]
    choices = Pupil.objects.filter(pk__in=ids) | (
        Pupil.objects.classmates_of(ids, today) if for_all else Pupil.objects.none()
    )
    initial = {**shown(planned.plan), "pupils": ids}
    form = PlanForm(request.POST or None, pupils=choices.distinct(), today=planned.start, initial=initial)
    marks = MarksForm(request.POST or None)
    back = reverse("registers:see_planned", args=[request.school.urn])
    context = {"form": form, "planned": planned, "others": 0 if for_all else others, "for_all": for_all, "back": back}
    if request.method == "POST" and form.is_valid() and marks.is_valid():
        may_decide_leave = bool(can(request.user, Permission.DECIDE_LEAVE, request.school))
        wanted = {
            "school": request.school, "pupils": form.cleaned_data["pupils"], "plan": form.plan(),
            "may_decide_leave": may_decide_leave,
        }  # fmt: skip
        change = replanning.preview_change(group=group, **wanted)
        try:
            if "save" in request.POST:
                replanning.change_absence(
                    planned=planned, for_all=for_all, by=request.actor, **marks.chosen(), **wanted
                )
                messages.success(request, "The plan is changed.")
                return redirect(back)
            if "change" not in request.POST and not change.preview.reasons:
                marks = MarksForm(initial={"seen": change.seen, "amend": True}, leaves=bool(change.left))
                page = {**context, "change": change, "preview": change.preview, "marks": marks}
                return render(request, "registers/preview_change.html", page)
            for reason in change.preview.reasons:
                form.add_error(None, reason)
        except Refused as refused:
            form.add_error(None, refused.reasons)
            marks = MarksForm({**request.POST.dict(), "seen": change.seen}, leaves=bool(change.left))
            page = {**context, "change": change, "preview": change.preview, "marks": marks}
            return render(request, "registers/preview_change.html", page, status=422)
    return render(request, "registers/change_absence.html", context, status=422 if form.errors else 200)


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
    pupil_id = row_id(request.GET.get("pupil", ""))
    return get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id) if pupil_id else None
