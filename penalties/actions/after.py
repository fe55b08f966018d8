"""What becomes of a notice after its issue, as the local authority says: paid, unpaid, prosecuted, withdrawn."""

from datetime import date

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from penalties.actions.decisions import lock, refuse
from penalties.actions.notices import record, settle_places
from penalties.actions.reminders import drop_reminders
from penalties.amounts import sum_due
from penalties.dashboard import notices_for_authority
from penalties.models import NoticeEvent, NoticeSession, PenaltyNotice
from penalties.notices import (
    TRANSITIONS,
    Ground,
    Reason,
    State,
    why_not,
    why_not_prosecute,
    why_not_record_payment,
    why_not_record_unpaid,
    why_not_withdraw,
)
from penalties.watching import settings_of
from registers.calendar_rules import year_name

VERBS = {
    "record_payment": "Paid within the period",
    "record_unpaid": "Unpaid at the end of the period",
    "record_late_payment": "Paid late",
    "withdraw": "Withdrawn",
    "prosecute": "Prosecution begun",
    "record_guilty": "Found guilty",
    "record_not_guilty": "Found not guilty",
}


def why_not_answer(
    notice: PenaltyNotice, verb: str, on: date, pounds: int | None, ground: Ground | None
) -> list[Reason]:
    """Why an answer cannot be recorded of a notice; empty means it can."""
    state, period = State(notice.state), notice.period
    reasons: list[Reason] = []
    if notice.issued_on and on < notice.issued_on:
        reasons.append(Reason("That is before the notice was issued.", "5.25"))
    if period is None or notice.amount is None:  # known from others: their dates are theirs
        return reasons + why_not(verb, state)
    if verb == "record_payment":
        due = sum_due(notice.amount, period, on)
        if pounds is None:
            return [*reasons, Reason("Say how many pounds were paid.", "5.19")]
        return reasons + why_not_record_payment(state, period, on, pounds, due)
    if verb == "record_unpaid":
        return reasons + why_not_record_unpaid(state, period, on)
    if verb == "prosecute":
        return reasons + why_not_prosecute(state, period, on)
    if verb == "withdraw":
        return reasons + why_not_withdraw(state, period, on, ground)
    if verb == "record_late_payment" and pounds is None:
        reasons.append(Reason("Say how many pounds were paid.", "5.19"))
    return reasons + why_not(verb, state)


@transaction.atomic
def answer(
    *,
    notice: PenaltyNotice,
    verb: str,
    on: date,
    said: str,
    by: Actor,
    pounds: int | None = None,
    ground: Ground | None = None,
) -> None:
    """Record what the local authority says of a notice. Raises Refused; a withdrawn notice counts no more (5.12)."""
    lock(notice.pupil)
    notice = PenaltyNotice.objects.select_related("pupil__school", "contact").get(pk=notice.pk)
    today = clock.today(notice.pupil.school)
    if verb not in VERBS:
        raise Refused(["Choose what happened."])
    if on > today:
        raise Refused(["That day has not come."])
    refuse(why_not_answer(notice, verb, on, pounds, ground))
    before = State(notice.state)
    after = TRANSITIONS[before][verb]
    settings = settings_of(notice.pupil.school, today)
    place = None if after in (State.WITHDRAWN, State.ACQUITTED) else notice.place
    PenaltyNotice.objects.filter(pk=notice.pk).update(state=after.value, place=place)
    if after is State.WITHDRAWN:
        NoticeSession.objects.filter(notice=notice).update(is_spent=not settings.reissue_after_withdrawal)
    NoticeEvent.objects.create(
        school_id=notice.school_id,
        notice=notice,
        verb=verb,
        on=on,
        pounds=pounds,
        ground=ground or "",
        said=said,
        noted_on=today,
        noted_by_id=by.user_id,
    )
    settle_places(notice.contact_id, settings)
    drop_reminders(notice=notice, reason=f"{VERBS[verb]} on {on:%-d %B %Y}.", by=by)
    words = [f"{notice}: {VERBS[verb].lower()} on {on:%-d %B %Y}"]
    words += [f"£{pounds}"] if pounds is not None else []
    words += [f"because {ground}"] if ground else []
    words += (
        ["what was paid is refunded"] if after is State.WITHDRAWN and before in (State.PAID, State.PAID_LATE) else []
    )
    record(verb if verb.startswith("record") else f"{verb}_penalty", notice, f"{', '.join(words)}. {said}", by)


@transaction.atomic
def export_for_authority(*, school: School, academic_year: int, by: Actor) -> list[list[object]]:
    """The notices of an academic year for the local authority, by name; that they were taken is recorded."""
    rows = notices_for_authority(school, academic_year)
    said = f"Took the penalty notices of {year_name(academic_year)} for the local authority: {len(rows)}."
    audit.record("export_penalties", school_id=school.pk, by=by, summary=said)
    return rows
