"""Decide what a teacher wanted after the register was sent or closed: the office amends the mark, or says why not."""

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Membership, School
from registers import codes
from registers.actions.amending import Wanted, amend_mark
from registers.calendar_rules import Session
from registers.facts import Slot
from registers.models import Proposal


def wanted(proposal: Proposal, version: int) -> Wanted:
    """The mark that is proposed, resting on the version that was seen."""
    slot = Slot(proposal.pupil_id, proposal.day, Session(proposal.session))
    return Wanted(slot, codes.by_number(proposal.code).letter, version, proposal.minutes_late, proposal.note)


@transaction.atomic
def accept_proposal(
    *, school: School, proposal: Proposal, version: int, by: Actor, may_decide_leave: bool = False
) -> None:
    """Amend the mark to what was proposed; the reason names who proposed it and when she made the mark.

    Raises `Refused` as `amend_mark` does, and when somebody has decided already.
    """
    proposal = _open(proposal)
    made_at = proposal.made_at.astimezone(school.zone)
    amend_mark(
        school=school,
        wanted=wanted(proposal, version),
        reason=f"Marked by {_who(school, proposal)} at {made_at:%H:%M} on {made_at:%-d %B %Y}, accepted by the office.",
        by=by,
        may_decide_leave=may_decide_leave,
    )
    _decide(school, proposal, by, is_accepted=True)


@transaction.atomic
def decline_proposal(*, school: School, proposal: Proposal, reason: str, by: Actor) -> None:
    """Leave the mark as it is. Raises `Refused` without a reason, or when somebody has decided already."""
    proposal = _open(proposal)
    if not reason.strip():
        raise Refused(["Say why the mark stays as it is: the teacher reads it."])
    _decide(school, proposal, by, is_accepted=False, reason=reason)
    slot = wanted(proposal, 0)
    audit.record(
        "decline_proposal",
        proposal,
        school_id=school.pk,
        by=by,
        pupil_id=proposal.pupil_id,
        summary=f"Declined {slot.letter} for {proposal.day:%a %-d %b %Y} {slot.slot.session}, "
        f"proposed by {_who(school, proposal)}. Reason: {reason}",
    )


def _open(proposal: Proposal) -> Proposal:
    found = Proposal.objects.select_for_update().filter(pk=proposal.pk, decided_at=None).first()
    if found is None:
        raise Refused(["Somebody has decided this already."])
    return found


def _decide(school: School, proposal: Proposal, by: Actor, *, is_accepted: bool, reason: str = "") -> None:
    Proposal.objects.filter(pk=proposal.pk).update(
        decided_at=clock.now(school), decided_by=by.user_id, is_accepted=is_accepted, decision_reason=reason
    )


def _who(school: School, proposal: Proposal) -> str:
    position = Membership.objects.filter(user=proposal.made_by_id, school=school).values_list("position", flat=True)
    return ", ".join(filter(None, [proposal.made_by.name, position.first()]))
