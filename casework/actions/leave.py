"""Leave of absence: asked for, decided, and what is done about days taken without it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.words import how_many
from casework import leave_rules
from casework.leave import held_sessions, leave_rows
from casework.leave_rules import Span, ToSettle
from casework.models import LeaveRequest
from casework.querysets.leave import marks_around
from letters.actions.queueing import LONGEST_VALUE, queue_letter
from letters.occasions import Occasion
from registers import codes
from registers.actions.amending import Wanted, amend_marks
from registers.actions.planning import cancel_absence, plan_absence
from registers.facts import Slot
from registers.models import PlannedAbsence, Pupil
from registers.planning import EVERY_WEEKDAY, Plan

State = LeaveRequest.State


@dataclass(frozen=True, slots=True)
class Application:
    """What the parents' form says, the same for every child it names."""

    asked_on: date
    span: Span
    applicants: tuple[str, ...]
    applicant_ids: tuple[int, ...]
    purpose: str
    words: str
    evidence: str = LeaveRequest.Evidence.NONE
    evidence_note: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the head decided. `granted` None refuses."""

    granted: Span | None
    reason: str
    purpose: str
    circumstances: str = ""
    taken_as: str = "G"


@transaction.atomic
def ask_leave(*, school: School, pupils: Iterable[Pupil], application: Application, by: Actor) -> list[LeaveRequest]:
    """Enter a request for one child or several of a family. Raises Refused: closed on all days, or asked for twice."""
    ids = sorted(pupil.pk for pupil in pupils)
    locked = list(Pupil.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    span = application.span
    held = [slot for slot in held_sessions(span.first, span.last) if span.covers(slot)]
    reasons = leave_rules.why_not_ask(span, held, asked_on=application.asked_on, today=clock.today(school))
    if not locked:
        reasons.append("Choose at least one child.")
    if not application.applicants:
        reasons.append("Say who asks: leave is asked for by a parent.")
    standing = LeaveRequest.objects.filter(pupil__in=ids, first__lte=span.last, last__gte=span.first)
    reasons += [
        f"{other.pupil} has a request for {other.said} already ({other.get_state_display().lower()})."
        for other in standing.exclude(state__in=[State.WITHDRAWN, State.REFUSED]).select_related("pupil")
    ]
    if reasons:
        raise Refused(reasons)
    return [_ask(pupil, application, by) for pupil in locked]


def _ask(pupil: Pupil, application: Application, by: Actor) -> LeaveRequest:
    span = application.span
    request = LeaveRequest.objects.create(
        school_id=pupil.school_id,
        pupil=pupil,
        asked_on=application.asked_on,
        first=span.first,
        first_session=span.first_session,
        last=span.last,
        last_session=span.last_session,
        applicants=list(application.applicants),
        applicant_ids=list(application.applicant_ids),
        purpose=application.purpose,
        words=application.words,
        evidence=application.evidence,
        evidence_note=application.evidence_note,
        noted_at=timezone.now(),
        noted_by_id=by.user_id,
    )
    who = " and ".join(application.applicants)
    _record("ask_leave", request, by, f"{who} asked for leave, {request.said}: {application.words}")
    return request


@transaction.atomic
def note_evidence(*, request: LeaveRequest, evidence: str, note: str, by: Actor) -> None:
    """Note what was asked for or seen with a request."""
    request = _locked(request)
    request.evidence, request.evidence_note = evidence, note
    request.save(update_fields=["evidence", "evidence_note"])
    said = f"Evidence for leave, {request.said}: {request.get_evidence_display().lower()}. {note}".strip()
    _record("note_leave_evidence", request, by, said)


@transaction.atomic
def withdraw_leave(*, request: LeaveRequest, reason: str, by: Actor) -> None:
    """The family no longer asks. Raises Refused once it is decided: then the plan is cancelled instead."""
    request = _to_decide(request)
    request.state, request.reason = State.WITHDRAWN, reason
    _decided(request, by)
    _record("withdraw_leave", request, by, f"The request for leave, {request.said}, was withdrawn. {reason}".strip())


@transaction.atomic
def decide_leave(*, school: School, requests: Sequence[LeaveRequest], decision: Decision, by: Actor) -> None:
    """The head's decision on one request, or alike on those of a family.

    Its letter is proposed with it. What is granted is planned, so that the register knows it; days that have begun are
    proposed for amendment, never changed here. Raises Refused, and decides none, when one was decided already or cannot
    be granted.
    """
    reasons = [] if decision.reason.strip() else ["Give the reason: the parents read it."]
    locked = [_to_decide(request) for request in sorted(requests, key=lambda each: each.pk)]
    if decision.granted is not None and decision.granted.begins <= decision.granted.ends:
        span = decision.granted
        held = [slot for slot in held_sessions(span.first, span.last) if span.covers(slot)]
        for request in locked:
            reasons += leave_rules.why_not_grant(
                request.asked, span, held, purpose=decision.purpose, circumstances=decision.circumstances
            )
    elif decision.granted is not None:
        reasons.append("The end is before the start.")
    if reasons:
        raise Refused(list(dict.fromkeys(reasons)))
    for request in locked:
        _decide(school, request, decision, by)
    for alike in _families(locked):
        _write(school, alike, decision, by)


def _families(requests: Sequence[LeaveRequest]) -> list[list[LeaveRequest]]:
    """Requests of brothers and sisters for the same days: one letter tells of them together."""
    of_days: dict[Span, list[LeaveRequest]] = {}
    for request in requests:
        of_days.setdefault(request.span, []).append(request)
    return list(of_days.values())


def _write(school: School, requests: Sequence[LeaveRequest], decision: Decision, by: Actor) -> None:
    """Propose the letter of the decision, in its transaction; what is refused of a part stands in the same letter."""
    first = requests[0]
    days = first.granted or first.span
    values: dict[str, object] = {"leave_from": days.first, "leave_until": days.last}
    if first.granted is None:
        occasion = Occasion.LEAVE_REFUSED
        values["reason"] = decision.reason
    else:
        occasion = Occasion.LEAVE_GRANTED
        rest = f" You asked for {first.said}; the other days are not granted." if first.state == State.PART else ""
        values["conditions"] = f"{decision.reason[: LONGEST_VALUE - len(rest)]}{rest}"
    queue_letter(
        school=school,
        pupil=first.pupil,
        occasion=occasion,
        by=by,
        why=f"Leave {first.said}: {first.get_state_display().lower()}.",
        values=values,
        siblings=[request.pupil for request in requests[1:]],
        key=f"leave-{first.pk}",
    )


def _decide(school: School, request: LeaveRequest, decision: Decision, by: Actor) -> None:
    granted = decision.granted
    request.reason, request.circumstances = decision.reason, decision.circumstances
    request.taken_as = decision.taken_as
    if granted is None:
        request.state = State.REFUSED
        said = f"Refused leave, {request.said}."
    else:
        request.state = State.GRANTED if granted == request.span else State.PART
        letter = leave_rules.letter_for(decision.purpose, granted.first)
        request.code = codes.code_for(letter, granted.first).number
        request.granted_first, request.granted_first_session = granted.first, granted.first_session
        request.granted_last, request.granted_last_session = granted.last, granted.last_session
        request.planned = _plan(school, request, granted, decision.purpose, by)
        asked = "" if request.state == State.GRANTED else f" of what was asked for, {request.said}"
        said = f"Granted leave ({letter}), {request.granted_said}{asked}."
    _decided(request, by)
    _record("decide_leave", request, by, f"{said} {decision.reason}")


def _plan(school: School, request: LeaveRequest, granted: Span, purpose: str, by: Actor) -> PlannedAbsence | None:
    """What the registers to come should say; None where the leave is over already, or wholly planned otherwise."""
    if granted.last < clock.today(school):
        return None
    weekdays = _days_here(request, granted)
    if not weekdays:
        return None
    plan = Plan(
        kind="leave",
        letter=leave_rules.letter_for(purpose, granted.first),
        start=granted.first,
        end=granted.last,
        start_session=granted.first_session,
        end_session=granted.last_session,
        weekdays=weekdays,
        note=leave_rules.PURPOSES[purpose].label,  # teachers read it: the circumstances are the family's
    )
    [planned] = plan_absence(school=school, pupils=[request.pupil], plan=plan, by=by, may_decide_leave=True)
    return planned


def _days_here(request: LeaveRequest, granted: Span) -> int:
    """The weekdays on which the child is this school's to excuse: on the others she is due at the other school (D)."""
    elsewhere = PlannedAbsence.objects.standing().filter(
        pupil=request.pupil_id, kind="dual", only_session=None, start__lte=granted.last, end__gte=granted.first
    )
    return reduce(lambda days, each: days & ~each, elsewhere.values_list("weekdays", flat=True), EVERY_WEEKDAY)


@transaction.atomic
def settle_taken(*, school: School, request: LeaveRequest, chosen: Sequence[tuple[Slot, int]], by: Actor) -> int:
    """Amend the marks chosen, each with the version that was seen, to what the decision says; returns how many.

    Raises Refused for one that is not proposed (any longer), and then changes none.
    """
    request = _locked(request)
    [row] = leave_rows(school, [request], clock.today(school))
    proposed = {(each.slot, each.version): each for each in row.settle}
    wanted = [proposed.get(((slot.day, slot.session), version)) for slot, version in chosen]
    if not all(wanted) or not all(slot.pupil_id == request.pupil_id for slot, _ in chosen):
        raise Refused(["One of these marks is no longer proposed. Look at the list again."])
    found = [each for each in wanted if each]
    _amend(school, request, found, _why(request), by)
    _record(
        "settle_leave",
        request,
        by,
        f"Put {how_many(len(found), 'mark')} right after the decision on leave, {request.said}.",
    )
    return len(found)


@transaction.atomic
def unauthorise_leave(*, school: School, request: LeaveRequest, reason: str, by: Actor) -> int:
    """The head unauthorises the whole of a leave after a late return; returns how many marks were amended.

    What is still planned of it is cancelled. Raises Refused when the child was not away beyond the leave, or without
    a reason.
    """
    request = _locked(request)
    if not reason.strip():
        raise Refused(["Give the reason: it stands on every amendment."])
    [row] = leave_rows(school, [request], clock.today(school))
    if not row.is_late:
        raise Refused(["Nothing was missed beyond this leave, or it is unauthorised already."])
    marks = marks_around([request.pk], clock.today(school))[request.pk]
    found = leave_rules.whole_leave(request.asked, row.held, marks)
    why = f"Leave granted to {request.granted.ends[0]:%-d %B %Y} was overrun; the whole is unauthorised: {reason}"
    _amend(school, request, found, why[:500], by)
    granted = request.granted
    still = PlannedAbsence.objects.standing().filter(
        pupil=request.pupil_id, kind="leave", start__gte=granted.first, end__lte=granted.last
    )
    for planned in still.filter(end__gte=clock.today(school)):
        cancel_absence(planned=planned, by=by, reason="the leave was unauthorised")
    request.unauthorised_at = clock.now(school)
    request.save(update_fields=["unauthorised_at"])
    _record("unauthorise_leave", request, by, f"Unauthorised the whole leave, {request.granted_said}. {reason}")
    return len(found)


def _amend(school: School, request: LeaveRequest, found: Iterable[ToSettle], why: str, by: Actor) -> None:
    amend_marks(
        school=school,
        wanted=[Wanted(Slot(request.pupil_id, *each.slot), each.letter, each.version) for each in found],
        reason=why,
        by=by,
        # The head decided: the marks only follow.
        may_decide_leave=True,
    )


def _why(request: LeaveRequest) -> str:
    day = f"{request.decided_at:%-d %B %Y}"
    if request.granted is None:
        return f"Leave asked for {request.said} was refused on {day}, and taken anyway."
    return f"Leave was decided on {day}: granted {request.granted_said}."


def _locked(request: LeaveRequest) -> LeaveRequest:
    return (
        LeaveRequest.objects.select_for_update(no_key=True, of=("self",))
        .select_related("pupil__school")
        .get(pk=request.pk)
    )


def _to_decide(request: LeaveRequest) -> LeaveRequest:
    request = _locked(request)
    if not request.is_to_decide:
        when = f" on {request.decided_at:%-d %B %Y}" if request.decided_at else ""
        raise Refused([f"{request.pupil}: {request.get_state_display().lower()} already{when}. Look at it again."])
    return request


def _decided(request: LeaveRequest, by: Actor) -> None:
    request.decided_at = clock.now(request.pupil.school)
    request.decided_by_id, request.decided_by_name, request.decided_by_position = by.user_id, by.name, by.position
    request.save()


def _record(verb: str, request: LeaveRequest, by: Actor, summary: str) -> None:
    Pupil.objects.filter(pk=request.pupil_id).update(changed_at=timezone.now())
    audit.record(
        verb, request, school_id=request.school_id, by=by, pupil_id=request.pupil_id, summary=summary,
        data={"state": request.state, "code": request.letter},
    )  # fmt: skip
