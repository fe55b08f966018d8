"""The register page and its verbs: see the registers of a day, take one, save, send, cover."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.permissions import Grant, Permission, can, requires
from attendance_mis.requests import Request, row_id
from registers import addresses, class_register, register_page, taking
from registers.actions import taking as actions
from registers.actions.taking import Answer, Save
from registers.calendar_rules import Session
from registers.class_register import ClassRegister, Head, Standing
from registers.day_registers import class_days, obvious
from registers.forms import taking as forms
from registers.taking import Outcome, Rights, Stage

WORKER = settings.BASE_DIR / "static" / "registers" / "worker.js"


def of_class(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give a view the class as this person meets it: 404 where the school has none, 403 where it is not hers."""

    @wraps(view)
    def found(request: Request, class_group_id: int, day: date, session: int) -> HttpResponse:
        return view(request, _head(request, class_group_id, day, Session(session)), day, Session(session))

    return found


@requires(Permission.TAKE_REGISTER)
def see_registers(request: Request, day: date | None = None) -> HttpResponse:
    """The registers of a day. Without a day, a teacher with one open register of her own is led straight to it."""
    now = clock.now(request.school)
    today = now.date()
    classes = class_days(request.school, day or today, now=now, user_id=request.user.pk)
    if day is None and (found := obvious(classes, now=now)):
        group, register = found
        return redirect("registers:take_register", request.school.urn, group.class_group_id, today, register.session)
    own = [each for each in classes if each.is_own]
    before, after = class_register.school_days_around(request.school, day or today)
    registers = [register for each in classes for register in each.registers]
    context = {
        "day": day or today,
        "today": today,
        "own": own,
        "others": [each for each in classes if not each.is_own],
        "sees_all": request.grant == Grant.ALL,
        "may_cover": (day or today) == today,
        "before": before,
        "after": after if after and after <= today else None,
        "missing": sum(register.stage is Stage.MISSING for register in registers),
        "sent": sum(register.sent_at is not None for register in registers),
        "expected": sum(register.may_be_taken for register in registers),
        "is_school_day": any(register.stage is not Stage.NO_SESSION for register in registers),
    }
    return render(request, "registers/see_registers.html", context)


@requires(Permission.TAKE_REGISTER)
def cover_class(request: Request, class_group_id: int, day: date, session: int) -> HttpResponse:
    """Take over a class today, and go to its register."""
    found = class_register.head(request.school, class_group_id, day, Session(session), request.user.pk)
    if found is None:
        raise Http404("No such class.")
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    now = clock.now(request.school)
    if day != now.date():
        raise PermissionDenied("A class is covered on the day itself; ask the office about another day.")
    actions.cover_class(ClassRegister(request.school, day, Session(session), found, {}), by=request.actor, at=now)
    return redirect("registers:take_register", request.school.urn, class_group_id, day, session)


@requires(Permission.TAKE_REGISTER)
@of_class
def take_register(request: Request, head: Head, day: date, session: Session) -> HttpResponse:
    """The register page. Opening it on the day itself, from the register's time on, opens the register."""
    register = class_register.class_register(request.school, head, day, session, with_days_before=True)
    now = clock.now(request.school)
    not_open = taking.why_not_open(register.facts, now)
    if not head.register_id and not not_open and day == now.date():
        actions.open_register(register, by=request.actor, at=now)
        register = _again(request, register)
    if request.method == "POST":
        return _post_form(request, register)
    return _page(request, register, not_open=not_open)


take_register.idle_minutes = settings.REGISTER_IDLE_MINUTES  # type: ignore[attr-defined]


@requires(Permission.TAKE_REGISTER)
@of_class
@require_POST
def save_marks(request: Request, head: Head, day: date, session: Session) -> HttpResponse:
    """Take a save of the page's script; the answer says of each mark what became of it."""
    try:
        posted = forms.read_save(request.body if request.content_type == "application/json" else b"", session)
    except RequestDataTooBig:
        return _refusal(["That is far more than a register holds. Shorten the note and try again."], 413)
    except forms.Unreadable as fault:
        return _refusal([str(fault)], 400)
    save = _save(request, head, posted.key, posted.age, posted.reason, day, session)
    pupils = [each.pupil_id for each in posted.marks]
    try:
        register = class_register.class_register(request.school, head, day, session, pupils, save.keys)
        if not head.register_id:
            register = _opened(request, register, pupils, save)
        answers = actions.save_marks(register, posted.marks, save)
    except Refused as refused:
        return _refusal(refused.reasons, 422)
    return JsonResponse({"answers": [_answer(each, register) for each in answers]})


save_marks.idle_minutes = settings.REGISTER_IDLE_MINUTES  # type: ignore[attr-defined]


@requires(Permission.SEE_REGISTER)
@of_class
def changes(request: Request, head: Head, day: date, session: Session) -> HttpResponse:
    """What was entered for this class since the entry `since`, for the open page."""
    since = row_id(request.GET.get("since", "0"))
    if since is None or since > forms.LARGEST:
        return _refusal(["Reload the page."], 400)
    found = class_register.changes_since(head, request.school, day, session, since, clock.now(request.school))
    register = ClassRegister(request.school, day, session, head, {})
    return JsonResponse(
        {
            "since": max([since, *(standing.version for _, standing in found)]),
            "marks": [{"pupil": pupil_id, **_standing(standing, register)} for pupil_id, standing in found],
            "waiting": [
                {"pupil": pupil_id, **register_page.waiting_json(waiting, register, request.user.pk)}
                for pupil_id, waiting in class_register.waiting(register)
            ],
            "sent": _sent(register),
            "reminded": register_page.reminded(register),
        }
    )


changes.is_poll = True  # type: ignore[attr-defined]
changes.idle_minutes = settings.REGISTER_IDLE_MINUTES  # type: ignore[attr-defined]


@requires(Permission.TAKE_REGISTER)
@of_class
@require_POST
def send_register(request: Request, head: Head, day: date, session: Session) -> HttpResponse:
    """Send the register, for the page's script; the plain form sends with `take_register`."""
    register = class_register.class_register(request.school, head, day, session)
    age = forms.read_age(row_id(request.POST.get("age", "")) or 0)
    save = _save(request, head, uuid4(), age, "", day, session)
    try:
        if not head.register_id:
            register = _opened(request, register, None, save)
        _send(request, register, save)
    except Refused as refused:
        return _refusal(refused.reasons, 422)
    return JsonResponse({"sent": _sent(_again(request, register))})


send_register.idle_minutes = settings.REGISTER_IDLE_MINUTES  # type: ignore[attr-defined]


@requires(Permission.TAKE_REGISTER)
@of_class
@require_POST
def keep_standing(request: Request, head: Head, day: date, session: Session) -> HttpResponse:
    """Decide a clash for the mark that stands."""
    pupil_id = row_id(request.POST.get("pupil", ""))
    if pupil_id is None or pupil_id > forms.LARGEST:
        return _refusal(["Reload the page."], 400)
    register = class_register.class_register(request.school, head, day, session, [pupil_id])
    try:
        actions.keep_standing(
            register.rows.get(pupil_id),
            by=request.actor,
            may_set_any=_rights(request).set_any,
            at=clock.now(request.school),
        )
    except Refused as refused:
        return _refusal(refused.reasons, 422)
    return JsonResponse({})


@requires(Permission.TAKE_REGISTER)
def worker(request: Request) -> HttpResponse:
    """The service worker, served below the registers' own address because that is as far as a worker reaches."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript")


# What the verbs share


def _head(request: Request, class_group_id: int, day: date, session: Session) -> Head:
    head = class_register.head(request.school, class_group_id, day, session, request.user.pk)
    if head is None:
        raise Http404("No such class.")
    if request.grant < Grant.ALL and not head.is_own:
        raise PermissionDenied(f"{head.class_name} is not your class. To take its register today, choose to cover it.")
    return head


def _rights(request: Request) -> Rights:
    may = {
        name: bool(can(request.user, permission, request.school))
        for name, permission in (
            ("set_any", Permission.SET_ANY_CODE),
            ("decide_leave", Permission.DECIDE_LEAVE),
            ("amend", Permission.AMEND_MARK),
        )
    }
    return Rights(**may)


def _save(request: Request, head: Head, key: UUID, age: timedelta, reason: str, day: date, session: Session) -> Save:
    now = clock.now(request.school)
    opened_at = head.opened_at or ClassRegister(request.school, day, session, head, {}).facts.opens_at
    return Save(key, request.actor, _rights(request), taking.moment_made(now, age, opened_at=opened_at), now, reason)


def _send(request: Request, register: ClassRegister, save: Save) -> None:
    blanks_are_n = request.POST.get("blanks") == "N"
    actions.send_register(register, by=save.by, made_at=save.made_at, at=save.at, blanks_are_n=blanks_are_n)


def _opened(request: Request, register: ClassRegister, pupils: list[int] | None, save: Save) -> ClassRegister:
    """A register of a past day is opened by the first save, with all that was planned in it."""
    everybody = class_register.class_register(request.school, register.head, register.day, register.session)
    actions.open_register(everybody, by=request.actor, at=save.at)
    return _again(request, register, pupils, save)


def _again(
    request: Request, register: ClassRegister, pupils: list[int] | None = None, save: Save | None = None
) -> ClassRegister:
    head = _head(request, register.head.class_group_id, register.day, register.session)
    keys = save.keys if save else ()
    return class_register.class_register(
        request.school, head, register.day, register.session, pupils, keys, with_days_before=pupils is None
    )


def _refusal(reasons: list[str], status: int) -> JsonResponse:
    return JsonResponse({"reasons": reasons}, status=status)


def _answer(answer: Answer, register: ClassRegister) -> dict[str, Any]:
    found: dict[str, Any] = {"pupil": answer.pupil_id, "outcome": answer.outcome, "version": answer.version}
    if answer.reasons:
        found["reasons"] = answer.reasons
    if answer.outcome in (Outcome.CLASH, Outcome.PROPOSED):
        found["standing"] = _standing(answer.standing, register) if answer.standing else None
    return found


def _standing(standing: Standing, register: ClassRegister) -> dict[str, Any]:
    return {
        "code": standing.code.letter if standing.code else "",
        "entry": standing.version,
        "version": standing.version if standing.code else 0,
        "minutes": standing.minutes_late,
        "note": standing.note,
        "by": standing.by_name,
        "byId": standing.by_id,
        "others": "" if standing.is_teachers else standing.by_name or "The office",
        "said": register_page.said(standing, register),
    }


def _sent(register: ClassRegister) -> dict[str, Any] | None:
    head = register.head
    if head.sent_at is None:
        return None
    at = head.sent_at.astimezone(register.school.zone)
    return {"at": f"{at:%H:%M}", "by": head.sent_by or "", "late": head.is_late}


# The plain form: everything is posted at once, and what was not changed is left alone


def _post_form(request: Request, register: ClassRegister) -> HttpResponse:
    head, verb = register.head, request.POST.get("verb", "save")
    key = uuid4()
    with suppress(ValueError):
        key = UUID(request.POST.get("key", ""))
    save = _save(
        request, head, key, timedelta(0), forms.clean(request.POST.get("reason", "")), register.day, register.session
    )
    typed = forms.typed_rows(request.POST, register.rows)
    if verb == "all_present":
        present = taking.present(register.session)
        typed = {pupil_id: row if row.letter else replace(row, letter=present) for pupil_id, row in typed.items()}
    wanted, errors = forms.changed_rows(request.POST, register, typed)
    refused: list[str] = []
    try:
        if not head.register_id:
            register = _opened(request, register, None, save)
        else:
            register = _again(request, register, None, save)
        answers = actions.save_marks(register, wanted, save) if wanted else []
        errors |= {each.pupil_id: fault for each in answers if (fault := _fault(each, register))}
        if verb == "send" and not errors:
            _send(request, register, save)
    except Refused as fault:
        refused = fault.reasons
    if not refused and not errors:
        _say(request, verb, answers)
        return redirect(request.path)
    return _page(request, _again(request, register), refused=refused, typed=typed, errors=errors, status=422)


def _fault(answer: Answer, register: ClassRegister) -> str:
    if answer.outcome is Outcome.CLASH:
        said = register_page.said(answer.standing, register) if answer.standing else "it is blank now."
        return f"Somebody else was here meanwhile: {said} Save again to put yours in its place."
    return " ".join(answer.reasons)


def _say(request: Request, verb: str, answers: list[Answer]) -> None:
    proposed = sum(1 for each in answers if each.outcome is Outcome.PROPOSED)
    if proposed:
        messages.info(request, f"The register has closed: {proposed} of your changes went to the office to decide.")
    if verb != "send":
        messages.success(request, "Saved.")


# The page


def _page(
    request: Request,
    register: ClassRegister,
    *,
    not_open: list[str] | None = None,
    refused: list[str] | None = None,
    typed: dict[int, forms.Typed] | None = None,
    errors: dict[int, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    rights, now = _rights(request), clock.now(request.school)
    may_see_vulnerable = bool(can(request.user, Permission.SEE_VULNERABLE, request.school))
    days, lines = register_page.lines(
        register, user_id=request.user.pk, may_see_vulnerable=may_see_vulnerable, may_amend=rights.amend
    )
    for n, line in enumerate(lines):
        if error := (errors or {}).get(line.id):
            was = (typed or {})[line.id]
            lines[n] = replace(line, letter=was.letter, minutes_late=was.minutes, note=was.note, error=error)
    day, session, facts, head = register.day, register.session, register.facts, register.head
    context = {
        "head": head,
        "state": "sent" if head.sent_at else "open" if now < facts.closes_at else "closed",
        "rights": rights,
        "caption": register_page.caption(register),
        "session": session,
        "other_session": "PM" if session is Session.AM else "AM",
        "day_long": f"{day:%A %-d %B %Y}",
        "day_short": f"{day:%-d %B}",
        "day_names": [f"{each:%a}" for each in days],
        "sent_at": f"{head.sent_at.astimezone(request.school.zone):%H:%M}" if head.sent_at else "",
        "closes": f"{facts.closes_at:%H:%M}",
        "not_open": not_open,
        "refused": refused or [],
        "errors": [line for line in lines if line.error],
        "lines": lines,
        "rows": register_page.rows(lines),
        "number": str(len(lines)),  # texts: a number costs a template ten times as much, to be put in its language
        "marked": str(len(lines) - len(register.blank)),
        "key": str(uuid4()),
        "counts": register_page.counts(register) if head.sent_at else "",
        "present": taking.present(session),
        "codes_and_keys": register_page.codes_and_keys(day, session, rights),
        "palette_json": register_page.palette_json(day, session, rights),
        "looks_json": register_page.looks_json(day),
        "since": str(max((row.version for row in register.rows.values()), default=0)),
        "user_id": str(request.user.pk),
        "reminded": register_page.reminded(register),
        "now_s": f"{now.timestamp():.0f}",
        "opens_s": f"{facts.opens_at.timestamp():.0f}",
        "closes_s": f"{facts.closes_at.timestamp():.0f}",
        **addresses.of_register(request.school.urn, head.class_group_id, day, session),
    }
    return render(request, "registers/take_register.html", context, status=status)
