"""Re-key a register that was taken on paper, with the paper's own author and time (decision 0009).

What the paper says of a blank is the register being taken: its entry carries who wrote it and when, and the audit
trail who keyed it. Where a mark stands already in a register that was sent or has closed, the paper changes it only
by an amendment of the person who keys.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.words import how_many
from registers import codes, taking
from registers.actions.amending import Clash
from registers.actions.marking import Change, enter_marks
from registers.actions.taking import Wanted
from registers.class_register import ClassRegister
from registers.codes import NotInForce, UnknownCode
from registers.models import Entry, Register
from registers.models.marks import NOTE_LENGTH
from registers.taking import Outcome


class Line(NamedTuple):
    """One line of the paper, judged."""

    wanted: Wanted
    outcome: Outcome | None  # None: the mark says this already
    reasons: list[str]


def why_not_rekey(register: ClassRegister, made_at: datetime, at: datetime) -> list[str]:
    """Why a paper of this moment cannot be keyed; empty means it can."""
    facts = register.facts
    if reasons := taking.why_not_open(facts, at):
        return reasons
    if not facts.opens_at <= made_at <= at or made_at.astimezone(facts.zone).date() != facts.day:
        return [f"The paper was taken on {facts.day:%A %-d %B %Y} at {facts.opens_at:%H:%M} or later, and before now."]
    return []


def judge_line(register: ClassRegister, wanted: Wanted, *, made_at: datetime, at: datetime) -> Line:
    """What becomes of one line of the paper, or why it cannot be keyed."""
    row = register.rows.get(wanted.pupil_id)
    letter = taking.letter_meant(wanted.letter, register.session)
    if not letter or row is None:
        return Line(wanted, None, ["What does the paper say? Enter a code." if row else "Not in this class."])
    try:
        code = codes.code_for(letter, register.day)
    except (UnknownCode, NotInForce) as fault:
        return Line(wanted, None, [f"{fault}."])
    mark, note = row.mark, wanted.note.strip()
    if mark and (code, wanted.minutes_late, note) == (mark.code, mark.minutes_late, mark.note):
        return Line(wanted, None, [])
    reasons = taking.why_not_mark(register.facts, row.pupil, code, may_set_any=True, note=note)
    reasons = reasons or taking.why_not_minutes(register.facts, code, wanted.minutes_late)
    if len(note) > NOTE_LENGTH:
        reasons.append(f"A note has at most {NOTE_LENGTH} characters; shorten it.")
    outcome = taking.outcome(register.facts, made_at=at if mark else made_at, has_mark=mark is not None, may_amend=True)
    return Line(wanted, outcome, reasons)


@transaction.atomic
def rekey_register(
    register: ClassRegister,
    written: Sequence[Wanted],
    *,
    author: Actor,
    made_at: datetime,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Enter a whole paper register and send it; nothing is entered when one line is refused.

    Raises `Refused`, or `Clash` when a mark has moved on since the page was opened.
    """
    sent = _hold_register(register, by, at)
    lines = [judge_line(register, each, made_at=made_at, at=at) for each in written]
    refused = why_not_rekey(register, made_at, at)
    refused += [f"{register.rows[line.wanted.pupil_id].name}: {line.reasons[0]}" for line in lines if line.reasons]
    if left := set(register.rows) - {each.wanted.pupil_id for each in lines}:
        refused.append(f"{', '.join(register.rows[pupil].name for pupil in sorted(left))}: enter a code.")
    amends = [line.wanted for line in lines if line.outcome is Outcome.AMENDED]
    if amends and not reason.strip():
        refused.append("The paper changes marks of a register that was sent or has closed: give the reason.")
    if refused:
        raise Refused(refused)
    taken = [line.wanted for line in lines if line.outcome is Outcome.TAKEN]
    _enter(register, taken, by=author, made_at=made_at, at=at, source=Entry.Source.PAPER)
    _enter(register, amends, by=by, made_at=at, at=at, source=Entry.Source.AMENDMENT, reason=reason.strip())
    if not sent.sent_at:
        is_late = made_at >= register.facts.closes_at
        Register.objects.filter(pk=sent.pk).update(sent_at=at, received_at=at, sent_by=by.user_id, is_late=is_late)
    audit.record(
        "rekey_register",
        sent,
        school_id=register.school.pk,
        by=by,
        summary=f"Keyed the paper register of {register.head.class_name} for {register.day:%A %-d %B %Y} "
        f"{register.session}, taken by {author.name}, {author.position}, at "
        f"{made_at.astimezone(register.facts.zone):%H:%M}: "
        f"{how_many(len(taken), 'mark')}, {how_many(len(amends), 'amendment')}.",
        data={"author": author.name, "author_id": author.user_id, "made_at": made_at.isoformat()},
    )


def _hold_register(register: ClassRegister, by: Actor, at: datetime) -> Register:
    found, _ = Register.objects.get_or_create(
        school=register.school,
        class_group_id=register.head.class_group_id,
        day=register.day,
        session=register.session,
        defaults={"opened_at": at, "opened_by_id": by.user_id},
    )
    return Register.objects.select_for_update().get(pk=found.pk)


def _enter(
    register: ClassRegister,
    wanted: list[Wanted],
    *,
    by: Actor,
    made_at: datetime,
    at: datetime,
    source: Entry.Source,
    reason: str | None = None,
) -> None:
    if not wanted:
        return
    entered = enter_marks(
        school_id=register.school.pk,
        day=register.day,
        session=register.session,
        changes=[
            Change(
                each.pupil_id,
                codes.code_for(taking.letter_meant(each.letter, register.session), register.day).number,
                each.version,
                each.minutes_late,
                each.note.strip(),
            )
            for each in wanted
        ],
        by=by,
        at=at,
        made_at=made_at,
        source=source,
        amend_because=reason,
    )
    if len(entered.pupil_ids) < len(wanted):
        raise Clash(["A mark was changed by somebody else while you had the page open. Compare it with the paper."])
