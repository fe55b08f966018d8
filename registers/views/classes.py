"""Classes: the list, one class on a day, who teaches it, moves, and the new school year."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Max, Prefetch, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.pages import form_page
from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request, row_id
from registers.actions import classes as actions
from registers.actions import pupils as pupil_actions
from registers.calendar_rules import academic_year_of
from registers.forms.classes import ClassForm, EndTeachingForm, MoveForm, PromoteForm, TeachingForm
from registers.forms.pupils import LeaversForm
from registers.models import ClassGroup, ClassMembership, Pupil, SchoolDay, Teaching
from registers.querysets import standing_on
from registers.roll import YEAR_GROUPS


def reachable_class(request: Request, class_group_id: int, day: date) -> ClassGroup:
    """The class of a page: 404 for another school's, 403 for one that the grant does not reach on the day."""
    group = get_object_or_404(ClassGroup, pk=class_group_id)
    if request.grant != Grant.ALL and not ClassGroup.objects.within(request.grant, request.user, day).filter(
        pk=group.pk
    ):
        raise PermissionDenied("You see your own classes.")
    return group


@requires(Permission.SEE_REGISTER)
def see_classes(request: Request) -> HttpResponse:
    today = clock.today(request.school)
    teachings = Teaching.objects.filter(standing_on(today)).select_related("user")
    groups = list(
        ClassGroup.objects.within(request.grant, request.user, today).prefetch_related(
            Prefetch("teachings", teachings, to_attr="taught_now")
        )
    )
    members = ClassMembership.objects.filter(standing_on(today), pupil__in=Pupil.objects.on_roll(today))
    sizes = {
        row["class_group"]: row
        for row in members.values("class_group").annotate(size=Count("pupil"), year=Max("pupil__year_group")).order_by()
    }
    rows: list[dict[str, Any]] = [{"group": group, **sizes.get(group.pk, {"size": 0, "year": ""})} for group in groups]
    rows.sort(key=lambda row: (YEAR_GROUPS.index(row["year"]) if row["year"] else 99, row["group"].name))
    context = {
        "rows": [row for row in rows if row["size"]],
        "empty_rows": [row for row in rows if not row["size"]],
        "may_edit": can(request.user, Permission.ADMIT_PUPIL, request.school),
    }
    return render(request, "registers/see_classes.html", context)


@requires(Permission.SEE_REGISTER)
def see_class(request: Request, class_group_id: int) -> HttpResponse:
    """A class as it was on a day: last term's list is last term's."""
    today = clock.today(request.school)
    day = _day(request, today)
    group = reachable_class(request, class_group_id, today)
    context = {
        "group": group,
        "day": day,
        "today": today,
        "pupils": Pupil.objects.in_class(group.pk, day),
        "teachings": group.teachings.select_related("user").order_by("-start"),
        "may_edit": can(request.user, Permission.ADMIT_PUPIL, request.school),
        "show_vulnerable": can(request.user, Permission.SEE_VULNERABLE, request.school),
    }
    return render(request, "registers/see_class.html", context)


@requires(Permission.ADMIT_PUPIL)
def make_class(request: Request) -> HttpResponse:
    form = ClassForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            group = actions.make_class(school=request.school, name=form.cleaned_data["name"], by=request.actor)
        except Refused as refused:
            form.add_error("name", refused.reasons)
        else:
            return redirect("registers:see_class", request.school.urn, group.pk)
    return form_page(request, form, title="Add a class", button="Add the class", back=_classes(request))


@requires(Permission.ADMIT_PUPIL)
def move_class(request: Request) -> HttpResponse:
    """One pupil (`?pupil=`) or some of a class (`?class=`)."""
    today = clock.today(request.school)
    pupils, back = _asked(request, today)
    initial = {"pupils": list(pupils) if pupils.count() == 1 else [], "day": today}
    form = MoveForm(request.POST or None, pupils=pupils, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.move_class(by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            values = form.cleaned_data
            messages.success(
                request, f"{len(values['pupils'])} moved to {values['class_group']} from {values['day']:%-d %B %Y}."
            )
            return redirect(back)
    return form_page(request, form, title="Move to another class", button="Move", back=back)


@requires(Permission.ADMIT_PUPIL)
def remove_leavers(request: Request, class_group_id: int) -> HttpResponse:
    """Who of a class goes on to another school, each with its name."""
    today = clock.today(request.school)
    group = reachable_class(request, class_group_id, today)
    pupils = Pupil.objects.in_class(group.pk, today).select_related("school")
    form = LeaversForm(request.POST or None, pupils=pupils, initial={"leaving_date": today})
    back = reverse("registers:see_class", args=[request.school.urn, group.pk])
    if request.method == "POST" and form.is_valid():
        try:
            count = pupil_actions.remove_leavers(
                destinations=form.destinations(),
                leaving_date=form.cleaned_data["leaving_date"],
                confirmed=form.cleaned_data["confirmed"],
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(
                request, f"{count} come off the register after {form.cleaned_data['leaving_date']:%-d %B %Y}."
            )
            return redirect(back)
    context = {
        "form": form,
        "title": "Leavers to other schools",
        "caption": f"Class {group}",
        "button": "Remove from roll",
        "danger": True,
        "back": back,
        "intro": ["Ground a: now registered at another school. Leave the line of a child empty who stays."],
    }
    return render(request, "parts/sections_page.html", context, status=422 if form.errors else 200)


@requires(Permission.ADMIT_PUPIL)
def promote_classes(request: Request) -> HttpResponse:
    """The year roll-over: every class becomes next year's."""
    today = clock.today(request.school)
    members = ClassMembership.objects.filter(standing_on(today), pupil__in=Pupil.objects.on_roll(today))
    rows = members.values("class_group").annotate(size=Count("pupil"), year=Max("pupil__year_group")).order_by()
    groups = ClassGroup.objects.in_bulk([row["class_group"] for row in rows])
    classes = sorted(
        ((groups[row["class_group"]], row["year"], row["size"]) for row in rows),
        key=lambda each: (YEAR_GROUPS.index(each[1]), each[0].name),
    )
    form = PromoteForm(
        request.POST or None,
        classes=classes,
        oldest=classes[-1][1] if classes else "",
        initial={"first_day": _next_first_day(today)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.promote_classes(
                school=request.school,
                first_day=form.cleaned_data["first_day"],
                targets=form.targets(),
                by=request.actor,
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(
                request,
                f"{count} pupils are in their new year. Who leaves comes off the roll on the page of the class.",
            )
            return redirect(_classes(request))
    intro = ["Each class moves up, with its pupils. Last year's lists stay as they were."]
    first_day = _next_first_day(today)
    advice = actions.why_not_promote(request.school, first_day) if first_day else []
    return form_page(
        request,
        form,
        title="New school year",
        button="Move everybody up",
        back=_classes(request),
        intro=intro,
        advice=advice,
    )


@requires(Permission.ADMIT_PUPIL)
def set_teaching(request: Request, class_group_id: int) -> HttpResponse:
    today = clock.today(request.school)
    group = reachable_class(request, class_group_id, today)
    back = reverse("registers:see_class", args=[request.school.urn, group.pk])
    form = TeachingForm(request.POST or None, school=request.school, initial={"start": today})
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_teaching(class_group=group, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            return redirect(back)
    intro = ["The registers of the class are this person's to take, from the first day to the last."]
    return form_page(
        request, form, title=f"Who teaches {group}?", button="Save", back=back, intro=intro, caption="Class"
    )


@requires(Permission.ADMIT_PUPIL)
def end_teaching(request: Request, teaching_id: int) -> HttpResponse:
    teaching = get_object_or_404(Teaching.objects.select_related("user", "class_group"), pk=teaching_id)
    back = reverse("registers:see_class", args=[request.school.urn, teaching.class_group_id])
    form = EndTeachingForm(request.POST or None, initial={"end": clock.today(request.school)})
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_teaching(teaching=teaching, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error("end", refused.reasons)
        else:
            return redirect(back)
    title = f"Until when does {teaching.user} teach {teaching.class_group}?"
    return form_page(request, form, title=title, button="Save", back=back)


def _classes(request: Request) -> str:
    return reverse("registers:see_classes", args=[request.school.urn])


def _day(request: Request, today: date) -> date:
    try:
        return date.fromisoformat(request.GET.get("day") or str(today))
    except ValueError:
        raise Http404("No such day.") from None


def _asked(request: Request, today: date) -> tuple[QuerySet[Pupil], str]:
    """The pupils that the address names, and where to go back to."""
    pupil_id, class_group_id = (row_id(request.GET.get(name, "")) for name in ("pupil", "class"))
    if pupil_id:
        found = get_object_or_404(Pupil.objects.select_related("school"), pk=pupil_id)
        return Pupil.objects.filter(pk=found.pk), found.get_absolute_url()
    if class_group_id:
        asked = get_object_or_404(ClassGroup, pk=class_group_id)
        back = reverse("registers:see_class", args=[request.school.urn, asked.pk])
        return Pupil.objects.in_class(asked.pk, today), back
    return Pupil.objects.on_roll(today), _classes(request)


def _next_first_day(today: date) -> date | None:
    """The first school day of the coming academic year, or of this one while it has not begun."""
    year = academic_year_of(today)
    begun = SchoolDay.objects.filter(academic_year=year, day__lte=today).exists()
    coming = SchoolDay.objects.filter(academic_year=year + 1 if begun else year)
    return coming.order_by("day").values_list("day", flat=True).first()
