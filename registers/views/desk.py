"""The late desk and its slip, signing out and back."""

from datetime import time

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.promises import promised
from attendance_mis.requests import Request
from attendance_mis.words import how_many
from registers import codes, late
from registers.actions import desk as actions
from registers.calendar_rules import Session
from registers.facts import Slot, mark_facts, register_times
from registers.forms.desk import ArrivalForm, FindForm, SignOutForm
from registers.models import Crossing, Pupil
from registers.search import AT_MOST, find_pupils
from registers.views.pupils import reachable_pupil


@requires(Permission.AMEND_MARK)
@never_cache
def late_desk(request: Request) -> HttpResponse:
    """Find the child by a posted name; below, who came late today, with the slip."""
    now = clock.now(request.school)
    came = Crossing.objects.filter(day=now.date(), why=Crossing.Why.LATE).select_related("pupil").order_by("-at", "-id")
    context = _found(request) | {
        "came": [(each, codes.by_number(promised(each.code))) for each in came],
        "verb": "registers:record_arrival",
        "word": "Late",
    }
    return render(request, "registers/late_desk.html", context)


@requires(Permission.AMEND_MARK)
@never_cache
def see_signed_out(request: Request) -> HttpResponse:
    """Find a child to sign out; below, who is out and who has come back."""
    today = clock.today(request.school)
    last = Crossing.objects.last_of(today).select_related("pupil")
    found = sorted((each for each in last if each.why != Crossing.Why.LATE), key=lambda each: each.at)
    context = _found(request) | {
        "out": [each for each in found if each.direction == Crossing.Direction.OUT],
        "back": [each for each in found if each.direction == Crossing.Direction.IN],
        "verb": "registers:sign_pupil_out",
        "word": "Sign out",
    }
    return render(request, "registers/see_signed_out.html", context)


def _found(request: Request) -> dict:
    form = FindForm(request.POST or None)
    words = form.cleaned_data["name"] if form.is_valid() else ""
    found = find_pupils(request.school, words, clock.today(request.school), contacts=True, here=True)
    return {"find": form, "words": words, "found": found, "is_full": len(found) == AT_MOST}


@requires(Permission.AMEND_MARK)
@never_cache
def record_arrival(request: Request, pupil_id: int) -> HttpResponse:
    """Time and reason; the page says beforehand what now would mean."""
    pupil = reachable_pupil(request, pupil_id)
    school, now = request.school, clock.now(request.school)
    slot = Slot(pupil.pk, now.date(), late.arrival(now.time(), register_times(school)).session)
    facts = mark_facts(school, [slot])[slot]
    is_marked = bool(facts.code and facts.code.in_building)
    form = ArrivalForm(request.POST or None, now=now.time(), asks=is_marked)
    if request.method == "POST" and form.is_valid():
        try:
            crossing = actions.record_arrival(school=school, pupil=pupil, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            code = codes.by_number(promised(crossing.code))
            minutes = f", {how_many(crossing.minutes_late, 'minute')} late" if crossing.minutes_late else ""
            messages.success(request, f"{pupil} is {code} ({code.within}){minutes}.")
            return redirect("registers:see_slip", school.urn, crossing.pk)
    context = {
        "pupil": pupil, "form": form, "facts": facts, "now_means": _meaning(school, now.time()),
        "back": reverse("registers:late_desk", args=[school.urn]),
    }  # fmt: skip
    return render(request, "registers/record_arrival.html", context, status=422 if form.errors else 200)


def _meaning(school, at: time) -> str:  # type: ignore[no-untyped-def]
    """What an arrival at this time earns, in a sentence."""
    times = register_times(school)
    if late.why_not_arrival(at, times):
        return "The school day is over."
    came = late.arrival(at, times)
    session = "morning" if came.session is Session.AM else "afternoon"
    if came.letter == "L":
        return f"The {session} register is open until {times.closes(came.session):%H:%M}: L, {came.minutes_late} min."
    if came.letter == "U":
        return f"The {session} register closed at {times.closes(came.session):%H:%M}: U, {came.minutes_late} min."
    return f"The {session} register begins at {times.opens(came.session):%H:%M}: on time."


@requires(Permission.AMEND_MARK)
def see_slip(request: Request, crossing_id: int) -> HttpResponse:
    """The slip a late child takes to class; printed at once with the browser's own button."""
    crossing = get_object_or_404(Crossing.objects.select_related("pupil"), pk=crossing_id)
    pupil = Pupil.objects.with_class(crossing.day).get(pk=crossing.pupil_id)
    code = codes.by_number(crossing.code) if crossing.code else None
    return render(request, "registers/see_slip.html", {"crossing": crossing, "pupil": pupil, "code": code})


@requires(Permission.AMEND_MARK)
@never_cache
def sign_pupil_out(request: Request, pupil_id: int) -> HttpResponse:
    pupil = reachable_pupil(request, pupil_id)
    school, now = request.school, clock.now(request.school)
    form = SignOutForm(request.POST or None, now=now.time())
    back = reverse("registers:see_signed_out", args=[school.urn])
    if request.method == "POST" and form.is_valid():
        try:
            out = actions.sign_out(school=school, pupil=pupil, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, " ".join(filter(None, [f"{pupil} is signed out.", out.planned])))
            return redirect(back)
    contacts = list(pupil.contacts.all()) if can(request.user, Permission.SEE_CONTACTS, school) else []
    context = {"pupil": pupil, "form": form, "back": back, "contacts": contacts}
    return render(request, "registers/sign_pupil_out.html", context, status=422 if form.errors else 200)


@requires(Permission.AMEND_MARK)
@require_POST
def sign_pupil_back(request: Request, pupil_id: int) -> HttpResponse:
    """One click: back now."""
    pupil = reachable_pupil(request, pupil_id)
    now = clock.now(request.school)
    at = now.time().replace(second=0, microsecond=0)
    try:
        actions.sign_back(school=request.school, pupil=pupil, at=at, by=request.actor)
    except Refused as refused:
        messages.error(request, " ".join(refused.reasons))
    else:
        messages.success(request, f"{pupil} is back, {now:%H:%M}.")
    if request.POST.get("next") == "board":
        return redirect(board_of(request))
    return redirect("registers:see_signed_out", request.school.urn)


def board_of(request: Request) -> str:
    """Where the office goes back to after a click on the board, which an app above may have."""
    urn = request.school.urn
    try:
        return reverse("casework:today", args=[urn])
    except NoReverseMatch:
        return reverse("registers:see_registers", args=[urn])
