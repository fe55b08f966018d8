"""The tablet by the door: a late child signs herself in. It shows no other child's name and leads nowhere else.

Whoever starts it stays answerable for what it enters; `TabletMiddleware` keeps the session on this page until
somebody signs out, and back in with a password.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.middleware import TABLET
from attendance_mis.permissions import Permission, requires
from attendance_mis.promises import promised
from attendance_mis.requests import Request
from registers import codes
from registers.actions import desk as actions
from registers.forms.desk import TabletForm
from registers.models import Pupil

ALL_DAY = 12 * 60  # minutes without anybody late
NOT_FOUND = "We cannot find you by these. Please speak to the office."
SEE_THE_OFFICE = "Please speak to the office: they will sign you in."


@requires(Permission.AMEND_MARK)
@require_POST
def start_tablet(request: Request) -> HttpResponse:
    """Turn this browser into the tablet by the door."""
    path = reverse("registers:tablet", args=[request.school.urn])
    request.session[TABLET] = path
    audit.record(
        "start_tablet", school_id=request.school.pk, by=request.actor, summary="Started a tablet for late arrivals."
    )
    return redirect(path)


@requires(Permission.AMEND_MARK)
@never_cache
def tablet(request: Request) -> HttpResponse:
    """Name and date of birth, and a slip; what the school cannot settle by itself is for the office."""
    school, now = request.school, clock.now(request.school)
    form = TabletForm(request.POST or None)
    done = None
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        pupil = _the_one(values["forename"], values["surname"], values["born"], now)
        if pupil is None:
            form.add_error(None, NOT_FOUND)
        else:
            try:
                crossing = actions.record_arrival(
                    school=school,
                    pupil=pupil,
                    at=now.time().replace(second=0, microsecond=0),
                    reason=values["reason"],
                    by=_by(request.actor),
                    is_self_service=True,
                )
            except Refused:
                form.add_error(None, SEE_THE_OFFICE)
            else:
                done = {"pupil": pupil, "crossing": crossing, "code": codes.by_number(promised(crossing.code))}
                form = TabletForm()
    list(messages.get_messages(request))  # said to the person who signed in here, not to the children at the door
    context = {"form": form, "done": done, "now": now}
    return render(request, "registers/tablet.html", context, status=422 if form.errors else 200)


tablet.is_on_tablet = True  # type: ignore[attr-defined]
tablet.idle_minutes = ALL_DAY  # type: ignore[attr-defined]


def _the_one(forename: str, surname: str, born, now) -> Pupil | None:  # type: ignore[no-untyped-def]
    """The child on roll with this name and day of birth; None for none, and for two who share all three."""
    found = Pupil.objects.called(f"{forename} {surname}").filter(date_of_birth=born).on_roll(now.date())
    rows = list(found[:2])
    return rows[0] if len(rows) == 1 else None


def _by(actor: Actor) -> Actor:
    return Actor(actor.name, f"{actor.position}, by the tablet at the door"[:100], actor.user_id)
