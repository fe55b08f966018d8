"""The calendar: a year at a glance, and its changes, each shown with what follows before it is saved."""

from calendar import Calendar, month_name
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from attendance_mis import words
from attendance_mis.actions import Refused
from attendance_mis.clock import today
from attendance_mis.counted import Counted
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, open_to, requires
from attendance_mis.requests import Request
from registers.actions import calendar as actions
from registers.calendar_advice import calendar_advice, missing_bank_holidays
from registers.calendar_rules import (
    Kind,
    Period,
    Session,
    academic_year_bounds,
    academic_year_of,
    school_days,
    year_name,
)
from registers.forms.calendar import CalendarChangeForm, CalendarEntryForm, FirstTermDatesForm, TermDatesForm, as_json
from registers.models import CalendarEntry

YEARS = range(2000, 2100)


@open_to("member")
def see_calendar(request: Request) -> HttpResponse:
    year = _year(request)
    entries = list(CalendarEntry.objects.filter(start__gte=f"{year}-08-01", start__lt=f"{year + 1}-08-01"))
    periods = [entry.period for entry in entries]
    days = {day.day: day for day in school_days(periods)}
    context = {
        "year": year,
        "year_name": year_name(year),
        "around": [{"text": year_name(y), "year": y, "current": y == year} for y in (year - 1, year, year + 1)],
        "half_terms": [
            {"entry": e, "days": sum(e.start <= day <= e.end for day in days)} for e in entries if e.period.is_half_term
        ],
        "other_days": [entry for entry in entries if not entry.period.is_half_term],
        "months": [_month(year, month, days, periods, request) for month in (8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6, 7)],
        "sessions": sum(len(day.sessions) for day in days.values()),
        "school_days": len(days),
        "inset_days": sum(len(list(p.weekdays())) for p in periods if p.kind == Kind.INSET),
        "advice": calendar_advice(periods, year),
        "missing_bank_holidays": missing_bank_holidays(periods, year),
        "may_edit": can(request.user, Permission.ADMIT_PUPIL, request.school),
    }
    return render(request, "registers/see_calendar.html", context)


@requires(Permission.ADMIT_PUPIL)
def add_calendar_entry(request: Request) -> HttpResponse:
    form = CalendarEntryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        change = _judged(form, add=[form.period()])
        if change:
            return _preview(request, change)
    return form_page(
        request, form, title="Add to the calendar", button="See what follows", back=_address(request, _year(request))
    )


@requires(Permission.ADMIT_PUPIL)
def edit_calendar_entry(request: Request, entry_id: int) -> HttpResponse:
    entry = get_object_or_404(CalendarEntry, pk=entry_id)
    form = CalendarEntryForm(request.POST or None, initial=CalendarEntryForm.of(entry))
    if request.method == "POST" and "remove" in request.POST:
        form = CalendarEntryForm(CalendarEntryForm.of(entry))
    if request.method == "POST" and form.is_valid():
        add = [] if "remove" in request.POST else [form.period()]
        change = _judged(form, add=add, remove=[entry.period])
        if change:
            return _preview(request, change)
    context = {
        "form": form,
        "title": entry.get_kind_display(),
        "button": "See what follows",
        "caption": "Calendar",
        "back": _address(request, academic_year_of(entry.start)),
    }
    return render(request, "registers/edit_calendar_entry.html", context, status=422 if form.errors else 200)


@requires(Permission.ADMIT_PUPIL)
def paste_term_dates(request: Request) -> HttpResponse:
    year = _year(request)
    form = TermDatesForm(request.POST or None, academic_year=year)
    if request.method == "POST" and form.is_valid():
        add, there = form.cleaned_data["text"], _periods_of(year)
        remove = [period for period in there if period not in add] if form.cleaned_data["replace"] else []
        change = _judged(form, add=[period for period in add if period not in there], remove=remove)
        if change:
            return _preview(request, change)
    return form_page(
        request,
        form,
        title=f"Paste the term dates of {year_name(year)}",
        button="See what follows",
        back=_address(request, year),
    )


@requires(Permission.RUN_SCHOOL)
def begin_calendar(request: Request) -> HttpResponse:
    """The technician's first list, with the bank holidays that it leaves out."""
    year = _year(request)
    if CalendarEntry.objects.exists():
        return redirect(_address(request, year))
    form = FirstTermDatesForm(request.POST or None, academic_year=year)
    if request.method == "POST" and form.is_valid():
        add = form.cleaned_data["text"]
        try:
            change = actions.begin_calendar(
                school=request.school, by=request.actor, add=[*add, *missing_bank_holidays(add, year)]
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            sessions = sum(each.after for each in change.years)
            messages.success(request, f"The calendar is saved: {sessions} sessions. Look whether it is your school's.")
            return redirect(_address(request, year))
    return form_page(
        request,
        form,
        title=f"Paste the term dates of {year_name(year)}",
        intro=["Paste the list of your council or school. Bank holidays that it leaves out are added."],
        button="Save the term dates",
        back=reverse("registers:see_setup", args=[request.school.urn]),
    )


@requires(Permission.ADMIT_PUPIL)
def add_bank_holidays(request: Request) -> HttpResponse:
    """The bank holidays of England that would be school days, as a change to look at; it writes nothing."""
    year = _year(request)
    missing = missing_bank_holidays(_periods_of(year), year)
    if not missing:
        messages.info(request, f"No bank holiday of {year_name(year)} is a school day.")
        return redirect(_address(request, year))
    return _preview(request, actions.calendar_change(add=missing))


@requires(Permission.ADMIT_PUPIL)
@require_POST
def set_calendar(request: Request) -> HttpResponse:
    form = CalendarChangeForm(request.POST)
    if not form.is_valid() or not (form.cleaned_data["add"] or form.cleaned_data["remove"]):
        messages.error(request, "This change could not be read, and nothing was saved. Begin it again.")
        return redirect("registers:see_calendar", request.school.urn)
    try:
        change = actions.set_calendar(school=request.school, by=request.actor, **form.cleaned_data)
    except Refused:
        return _preview(request, actions.calendar_change(**form.cleaned_data), status=422)
    messages.success(request, "The calendar is saved.")
    return redirect(_address(request, _year_of(change)))


def _judged(form: BaseForm, **change: Iterable[Period]) -> actions.CalendarChange | None:
    """The change, or None with its reasons on the form, where what was typed still stands."""
    follows = actions.calendar_change(**change)
    if reasons := follows.why_not():
        form.add_error(None, reasons)
        return None
    return follows


def _preview(request: Request, change: actions.CalendarChange, status: int = 200) -> HttpResponse:
    year = _year_of(change)
    context = {
        "change": change,
        "years": [_sessions_of(each) for each in change.years],
        "refused": change.why_not(),
        "rows": [
            {"said": said, "colour": colour, "entry": CalendarEntry.of(request.school, period)}
            for said, colour, periods in (("Added", "green", change.add), ("Removed", "red", change.remove))
            for period in periods
        ],
        "advice": calendar_advice(change.periods, year),
        "form": CalendarChangeForm(initial={"add": as_json(change.add), "remove": as_json(change.remove)}),
        "back": _address(request, year),
    }
    return render(request, "registers/preview_calendar.html", context, status=status)


def _sessions_of(year: actions.YearSessions) -> dict[str, Any]:
    """How many sessions a year will have, what that means, and its months with the days that come and go."""
    return {
        "year": year,
        "days": words.days(*academic_year_bounds(year.academic_year)),
        "counted": Counted(
            f"sessions-{year.academic_year}", f"Sessions in {year.name}", year.after,
            "Mornings and afternoons, Monday to Friday, in the half-terms of the calendar with this change.",
            "Weekends, days between half-terms, and what INSET days, bank holidays and closures take away.",
        ),
        "months": [(each, _days_of(each.gained), _days_of(each.lost)) for each in year.months],
    }  # fmt: skip


def _days_of(slots: Iterable[actions.Slot]) -> list[str]:
    """Each day once: "Mon 2 Jun", or "Mon 2 Jun AM" where it is half a day."""
    sessions: dict[date, list[Session]] = {}
    for day, session in slots:
        sessions.setdefault(day, []).append(session)
    return [f"{day:%a %-d %b}{'' if len(of) == 2 else f' {of[0].name}'}" for day, of in sessions.items()]


def _year_of(change: actions.CalendarChange) -> int:
    return academic_year_of(min(period.start for period in (*change.add, *change.remove)))


def _periods_of(year: int) -> list[Period]:
    return [e.period for e in CalendarEntry.objects.all() if academic_year_of(e.start) == year]


def _year(request: Request) -> int:
    """The academic year that the address asks for, today's without one."""
    asked = request.GET.get("year") or str(academic_year_of(today(request.school)))
    if not (asked.isdecimal() and len(asked) == 4 and int(asked) in YEARS):
        raise Http404("No such year.")
    return int(asked)


def _address(request: Request, year: int) -> str:
    return f"{reverse('registers:see_calendar', args=[request.school.urn])}?year={year}"


def _month(year: int, month: int, days: dict[Any, Any], periods: list[Period], request: Request) -> dict[str, Any]:
    """A month as weeks of days, each with what it is: a word for the screen reader and a class for the eye."""
    now = today(request.school)
    of = year + (month < 8)

    def cell(day: Any) -> dict[str, Any]:
        held = days.get(day)
        closing = next((p for p in periods if not p.is_half_term and p.start <= day <= p.end), None)
        if held and len(held.sessions) == 2:
            kind, said = "school", ""
        elif held:
            kind, said = "half", f"{held.sessions[0].name} only"
        elif closing and day.weekday() < 5:
            kind, said = closing.kind, closing.label or CalendarEntry.Kind(closing.kind).label
        else:
            kind, said = "off", ""
        return {"day": day, "kind": kind, "said": said, "today": day == now, "other": day.month != month}

    weeks = [[cell(day) for day in week[:5]] for week in Calendar().monthdatescalendar(of, month)]
    return {
        "name": f"{month_name[month]} {of}",
        "weeks": [week for week in weeks if not all(day["other"] for day in week)],
    }
