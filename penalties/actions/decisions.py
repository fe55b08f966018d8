"""Prepare a decision about one parent and one child, answer its questions, decide it."""

from datetime import date
from typing import Any

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.words import how_many
from penalties import judging
from penalties.amounts import Kind
from penalties.models import Decision, NoticeSession, PenaltyNotice
from penalties.notices import Reason, Source, State
from penalties.watching import settings_of
from registers.models import Contact, Pupil

Outcome = Decision.Outcome


def lock(pupil: Pupil) -> None:
    """One change of a child's penalties at a time."""
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)


def refuse(reasons: list[Reason]) -> None:
    """Raise Refused with every reason and its paragraph, if there is any."""
    if reasons:
        raise Refused([str(reason) for reason in reasons])


def why_not_prepare(pupil: Pupil, contact: Contact, kind: Kind, sessions: int) -> list[Reason]:
    """Why no decision can be prepared; empty means it can."""
    reasons = []
    if contact.pupil_id != pupil.pk:
        reasons.append(Reason("This person is no contact of the child.", "5.6"))
    if not judging.may_issue(pupil.school):
        reasons.append(Reason("This type of school may not issue penalty notices.", "5.17"))
    if not judging.is_parent(contact):
        text = "This person is not recorded as a parent: neither parental responsibility nor care of the child."
        reasons.append(Reason(text, "5.6"))
    if not sessions:
        what = "no session in these days" if kind is Kind.PUBLIC_PLACE else "no unauthorised session to decide about"
        reasons.append(Reason(f"There is {what}; what an earlier notice was for does not count again.", "5.1"))
    return reasons


@transaction.atomic
def prepare(
    *, pupil: Pupil, contact: Contact, answers: dict[str, Any], by: Actor, kind: Kind = Kind.ABSENCE,
    span: tuple[date, date] | None = None,
) -> Decision:  # fmt: skip
    """Put the questions of one parent and one child before the headteacher; one that waits is replaced.

    Raises Refused. `answers` are fields of Decision.
    """
    lock(pupil)
    today = clock.today(pupil.school)
    offence = judging.offence_of(pupil, contact, kind, span, today)
    refuse(why_not_prepare(pupil, contact, kind, len(offence.marks)))
    waiting = Decision.objects.filter(contact=contact, outcome="")
    waiting.update(outcome=Outcome.LAPSED, decided_on=today, decided_by=by.user_id)
    decision = Decision.objects.create(
        school_id=pupil.school_id,
        pupil=pupil,
        contact=contact,
        kind=kind.value,
        sessions=[[f"{day}", session, code] for day, session, code in offence.marks],
        counted=offence.counted,
        prepared_on=today,
        prepared_by_id=by.user_id,
        **answers,
    )
    record(
        "prepare_decision", decision, f"Prepared a decision: {how_many(len(offence.marks), 'session')}, {contact}.", by
    )
    return decision


@transaction.atomic
def answer(*, decision: Decision, answers: dict[str, Any], by: Actor) -> None:
    """Answer the questions anew while the decision waits. Raises Refused."""
    lock(decision.pupil)
    changed = Decision.objects.filter(pk=decision.pk, outcome="").update(**answers)
    if not changed:
        raise Refused(["It has been decided already."])
    record("answer_decision", decision, f"Answered the questions about {decision.contact}.", by)


@transaction.atomic
def decide(*, decision: Decision, outcome: str, reason: str, by: Actor) -> PenaltyNotice | None:
    """Decide, whatever is decided; a penalty notice is then prepared, not issued. Raises Refused."""
    lock(decision.pupil)
    decision = Decision.objects.select_related("pupil__school", "contact").get(pk=decision.pk)
    today = clock.today(decision.pupil.school)
    if decision.outcome:
        raise Refused([f"It has been decided already: {decision.get_outcome_display().lower()}."])
    if not reason.strip():
        raise Refused(["Say why: whatever is decided, the reason is recorded."])
    if outcome == Outcome.PENALTY:
        refuse(judging.why_not_penalty(decision, today))
    Decision.objects.filter(pk=decision.pk).update(
        outcome=outcome,
        reason=reason,
        decided_on=today,
        decided_by=by.user_id,
        decided_position=by.position,
    )
    label = Outcome(outcome).label
    record("decide_penalty", decision, f"Decided about {decision.contact}: {label[0].lower()}{label[1:]}. {reason}", by)
    return _draft(decision, today, by) if outcome == Outcome.PENALTY else None


def _draft(decision: Decision, today: date, by: Actor) -> PenaltyNotice:
    settings = settings_of(decision.pupil.school, today)
    marks = decision.marks
    facts = judging.facts_before_the_draft(decision, today)
    notice = PenaltyNotice.objects.create(
        school_id=decision.school_id,
        pupil=decision.pupil,
        contact=decision.contact,
        decision=decision,
        source=Source.SCHOOL.value,
        state=State.PREPARED.value,
        kind=decision.kind,
        scheme=facts.scheme(settings).value,
        offence_from=marks[0][0],
        offence_until=marks[-1][0],
        counted=decision.counted,
        prepared_on=today,
        prepared_by_id=by.user_id,
    )
    NoticeSession.objects.bulk_create(
        NoticeSession(
            school_id=decision.school_id, notice=notice, contact=decision.contact, kind=decision.kind,
            day=day, session=session, code=code,
        )
        for day, session, code in marks
    )  # fmt: skip
    return notice


def record(verb: str, decision: Decision, summary: str, by: Actor) -> None:
    audit.record(verb, decision, school_id=decision.school_id, by=by, summary=summary, pupil_id=decision.pupil_id)
