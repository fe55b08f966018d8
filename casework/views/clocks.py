"""Statutory clocks in one place, what was done about them, and the returns that were made."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.counted import Counted, chosen_of
from attendance_mis.file_links import signed_file
from attendance_mis.pages import form_page
from attendance_mis.permissions import Permission, can, requires
from attendance_mis.requests import Request
from casework.actions import clocks as actions
from casework.clocks import CONFIDENTIAL, RULES, Kind
from casework.forms.clocks import DoneForm, ReturnAgreementForm, ReturnForm
from casework.models import AuthorityReturn, ClockDone, ReturnAgreement
from casework.returns import TITLES, return_of
from casework.statutory import Running, kinds_read_by, running_clocks

STATES = {"overdue": "overdue", "today": "soon", "coming": ""}  # by what an address calls them
LATELY = timedelta(28)
LATEST_RETURNS = 20
AT_ONCE = 50  # what an address holds
TYPES = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


@requires(Permission.SEE_CONTACTS)
def see_clocks(request: Request) -> HttpResponse:
    """Every clock that runs, by what it asks for, the overdue first; below it what was done lately. `?show=` some."""
    today = clock.today(request.school)
    kinds = kinds_read_by(request.user, request.school)
    running = _visible(request, running_clocks(request.school, clock.now(request.school)))
    counts = _counts(running, today, reads_all=len(kinds) == len(Kind))
    chosen = chosen_of(request, counts)
    shown = [each for each in running if chosen is None or each.clock.state(today) == STATES[chosen.slug]]
    sections = [_section(request, kind, [each for each in shown if each.clock.kind is kind]) for kind in kinds]
    done = ClockDone.objects.filter(done_at__gte=clock.now(request.school) - LATELY, kind__in=kinds)
    return render(
        request,
        "casework/see_clocks.html",
        {
            "sections": sorted((each for each in sections if each["rows"]), key=lambda each: -each["overdue"]),
            "quiet": [RULES[kind].title for kind in kinds if not any(each.clock.kind is kind for each in running)],
            "counts": counts,
            "chosen": chosen,
            "done": done.select_related("pupil", "authority_return")[:50],
            "returns": AuthorityReturn.objects.defer("csv", "pdf")[:LATEST_RETURNS],
            "may_return": bool(can(request.user, Permission.MAKE_RETURNS, request.school)),
            "agreed": ReturnAgreement.of(request.school),
            "may_set": bool(can(request.user, Permission.CHANGE_POLICY, request.school)),
            "today": today,
        },
    )


def _counts(running: Sequence[Running], today: date, *, reads_all: bool) -> list[Counted]:
    """Every line is in one of these."""
    states = Counter(each.clock.state(today) for each in running)
    unread = "" if reads_all else " So are clocks about a child's social worker or youth offending worker."
    return [
        Counted(
            "overdue", "Overdue", states["overdue"], "Clocks whose last day has passed and that are not done.",
            f"Clocks that have today or longer. Clocks recorded as done, or met in the register, run no more.{unread}",
            tone="bad" if states["overdue"] else "good",
        ),
        Counted(
            "today", "Due today", states["soon"], "Clocks whose last day is today.",
            f"Clocks whose last day has passed or is still to come. Clocks that are done run no more.{unread}",
        ),
        Counted(
            "coming", "Still to come", states[""],
            "Clocks whose last day is still to come, and absences that will ask for something if they go on.",
            "Clocks whose last day is today or has passed. Absences too short to be shown before they ask for anything."
            f"{unread}",
        ),
    ]  # fmt: skip


def _visible(request: Request, running: Sequence[Running]) -> list[Running]:
    kinds = kinds_read_by(request.user, request.school)
    return [each for each in running if each.clock.kind in kinds]


def _section(request: Request, kind: Kind, running: list[Running]) -> dict[str, Any]:
    today = clock.today(request.school)
    rows = [_row(request, each, today) for each in running]
    reached = [each for each in running if each.clock.is_reached]
    return {
        "kind": kind,
        "rule": RULES[kind],
        "rows": rows,
        "overdue": sum(row["state"] == "overdue" for row in rows),
        "return_kind": return_of(kind),
        "done_href": _done_address(request, reached[:AT_ONCE])
        if len(reached) > 1 and _may_record(request, kind)
        else "",
    }


def _row(request: Request, each: Running, today: Any) -> dict[str, Any]:
    urn, found = request.school.urn, each.clock
    href, action = "", ""
    if found.kind is Kind.MISSING:
        register = each.register
        href = reverse("registers:take_register", args=[urn, register.class_group_id, register.day, register.session])
        action = "Open the register"
    elif found.kind is Kind.OLD_N:
        href, action = reverse("registers:turn_n_into_o", args=[urn]), "Turn into O"
    elif found.kind is Kind.GROUND_I and can(request.user, Permission.ADMIT_PUPIL, request.school) and found.is_reached:
        href, action = reverse("registers:remove_from_roll", args=[urn, each.pupil.pk]), "Remove from roll"
    due = ""
    if found.due:
        late = found.is_reached and found.due < today
        due = f"{'since' if late else 'by'} {found.due:%-d %b %Y}"
    return {
        "pupil": each.pupil,
        "register": each.register,
        "key": each.key,
        "sentence": found.sentence,
        "due": due if found.is_reached else f"{found.due:%-d %b %Y} if it goes on" if found.due else "",
        "state": found.state(today),
        "href": href,
        "action": action,
        "done_href": _done_address(request, [each]) if _may_record(request, found.kind) else "",
    }


def _done_address(request: Request, running: Sequence[Running]) -> str:
    keys = urlencode([("clock", each.key) for each in running])
    return f"{reverse('casework:record_clocks_done', args=[request.school.urn])}?{keys}"


def _may_record(request: Request, kind: Kind) -> bool:
    if kind in actions.NOT_RECORDED:
        return False
    needed = Permission.SEE_VULNERABLE_WHY if kind in CONFIDENTIAL else Permission.MAKE_RETURNS
    return bool(can(request.user, needed, request.school))


@requires(Permission.SEE_CONTACTS)
def record_clocks_done(request: Request) -> HttpResponse:
    """`?clock=`, once for each, says which of one kind; one that no longer runs is no page."""
    keys = request.GET.getlist("clock")
    running = {each.key: each for each in _visible(request, running_clocks(request.school, clock.now(request.school)))}
    chosen = [running[key] for key in keys if key in running]
    if not chosen or len(chosen) < len(keys) or len({each.clock.kind for each in chosen}) > 1:
        raise Http404("This clock does not run.")
    kind = chosen[0].clock.kind
    if not _may_record(request, kind):
        raise PermissionDenied("Your role does not let you record this as done.")
    form = DoneForm(request.POST or None, kind=kind)
    back = reverse("casework:see_clocks", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        try:
            count = actions.record_clocks_done(school=request.school, keys=keys, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, f"Recorded as done: {count}.")
            return redirect(back)
    return form_page(
        request, form, title=RULES[kind].title, button="It is done", back=back,
        intro=[f"{RULES[kind].do}. {RULES[kind].source}."],
        advice=[f"{each.pupil}: {each.clock.sentence}" for each in chosen],
    )  # fmt: skip


@requires(Permission.MAKE_RETURNS)
def make_return(request: Request, return_kind: str) -> HttpResponse:
    """One return for the children whose clock runs; those not reached yet are offered, not ticked."""
    if return_kind not in set(TITLES):
        raise Http404("There is no such return.")
    kind = Kind(return_kind)
    found = running_clocks(request.school, clock.now(request.school))
    running = [each for each in found if return_of(each.clock.kind) is kind]
    back = reverse("casework:see_clocks", args=[request.school.urn])
    if not running:
        context = {"title": TITLES[kind], "caption": request.school.local_authority, "back": back}
        status = 422 if request.method == "POST" else 200
        return render(request, "casework/nobody_to_return.html", context, status=status)
    form = ReturnForm(request.POST or None, running=running)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.make_return(
                school=request.school, kind=kind, keys=form.cleaned_data["clock"], by=request.actor
            )
        except Refused as refused:
            form.add_error(None, refused.reasons)
        else:
            messages.success(request, "The return is made. Download it below and send it the way your authority asks.")
            return redirect(f"{back}#return-{made.pk}")
    return form_page(
        request, form, title=TITLES[kind], button="Make the return", back=back, caption=request.school.local_authority,
        intro=[f"{RULES[kind].source}. Both files are kept exactly as they are made, with your name."],
    )  # fmt: skip


@requires(Permission.CHANGE_POLICY)
def change_return_agreement(request: Request) -> HttpResponse:
    """What is agreed with the authority about attendance returns."""
    agreed = ReturnAgreement.of(request.school)
    known = {"interval": agreed.interval, "irregular_sessions": agreed.irregular_sessions}
    form = ReturnAgreementForm(request.POST or None, initial=known)
    back = reverse("casework:see_clocks", args=[request.school.urn])
    if request.method == "POST" and form.is_valid():
        actions.change_return_agreement(school=request.school, by=request.actor, **form.cleaned_data)
        messages.success(request, "The agreement is saved. The clocks run by it from now on.")
        return redirect(back)
    return form_page(
        request, form, title="Attendance returns: what is agreed", button="Save the agreement", back=back,
        caption=request.school.local_authority,
    )  # fmt: skip


@requires(Permission.MAKE_RETURNS)
@signed_file
def download_return(request: Request, return_id: int, kind: str) -> HttpResponse:
    """The file as it was made, byte for byte; taking it out is recorded."""
    made = get_object_or_404(AuthorityReturn, pk=return_id)
    if kind not in TYPES:
        raise Http404
    content = bytes(getattr(made, kind))
    if hashlib.sha256(content).hexdigest() != getattr(made, f"{kind}_hash"):
        raise ValueError("a return that was made has changed")  # the database refuses it; never hand it out
    summary = f"Took out the {made.get_kind_display().lower()} of {made.made_at:%-d %B %Y} as {kind.upper()}."
    audit.record("download_return", made, school_id=request.school.pk, by=request.actor, summary=summary)
    name = f"{made.kind.replace('_', '-')}-{request.school.urn}-{made.made_at:%Y-%m-%d}-{made.pk}.{kind}"
    return HttpResponse(
        content, content_type=TYPES[kind], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
