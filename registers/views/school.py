"""The technician's pages of a school: what is still to be set up, and its settings."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, Role, requires
from attendance_mis.requests import Request
from attendance_mis.words import how_many
from registers.actions import school as actions
from registers.calendar_rules import Session, academic_year_of, year_name
from registers.facts import register_times
from registers.forms.school import SchoolForm
from registers.models import ClassGroup, Pupil, SchoolDay, Teaching
from registers.querysets import standing_on


@requires(Permission.RUN_SCHOOL)
def see_setup(request: Request) -> HttpResponse:
    """What a school needs before its first register, and what it has; counts only, no child's name."""
    today = clock.today(request.school)
    urn = request.school.urn
    year = academic_year_of(today)
    pupils = Pupil.objects.on_roll(today).count()
    days = SchoolDay.objects.filter(academic_year=year).count()
    classes = ClassGroup.objects.count()
    taught = Teaching.objects.filter(standing_on(today)).values("class_group").distinct().count()
    roles = set(request.school.memberships.filter(ended_at=None).values_list("role", flat=True))
    needed = [role for role in (Role.HEAD, Role.MANAGER, Role.OFFICE, Role.TEACHER) if role not in roles]
    times = register_times(request.school)
    said = " and ".join(f"{times.opens(session):%H:%M} to {times.closes(session):%H:%M}" for session in Session)
    tasks = [
        _task("Check the register times", "registers:edit_school", urn, f"Registers are open {said}.", done=True),
        _task(
            "Import the school from your old system",
            "registers:import_school",
            urn,
            f"{how_many(pupils, 'pupil')} on roll." if pupils else "Pupils, contacts, calendar and marks in one pack.",
            done=bool(pupils),
        ),
        _task(
            f"Term dates of {year_name(year)}",
            "registers:see_calendar" if days else "registers:begin_calendar",
            urn,
            f"{how_many(days, 'school day')}." if days else "Paste the list of your council or school.",
            done=bool(days),
        ),
        _task(
            "Add the people of the school",
            "see_people",
            urn,
            f"Nobody yet as: {', '.join(role.label.lower() for role in needed)}." if needed else "Every role is held.",
            done=not needed,
        ),
        _task(
            "Say who teaches which class",
            "",
            urn,
            f"{taught} of {classes} classes have a teacher; the attendance manager adds the rest."
            if classes
            else "As soon as there are classes.",
            done=bool(classes) and taught == classes,
        ),
    ]
    context = {"tasks": tasks, "left": sum(not task["done"] for task in tasks)}
    return render(request, "registers/see_setup.html", context)


@requires(Permission.RUN_SCHOOL)
def edit_school(request: Request) -> HttpResponse:
    form = SchoolForm(request.POST or None, instance=request.school)
    back = reverse("registers:see_setup", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_school(school=request.school, changes=form.changes(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The settings are saved.")
            return redirect(back)
    context = {"form": form, "title": "School settings", "button": "Save", "back": back}
    return render(request, "parts/sections_page.html", context, status=422 if form.errors else 200)


def _task(title: str, url: str, urn: str, hint: str, *, done: bool) -> dict[str, Any]:
    try:
        href = reverse(url, args=[urn]) if url else ""
    except NoReverseMatch:
        href = ""
    return {
        "title": title,
        "href": href,
        "hint": hint,
        "done": done,
        "tag": "Done" if done else "To do",
        "tag_colour": "green" if done else "amber",
    }
