"""Amend marks: every change after a register was sent or closed, with its reason (law.md 3.4).

The same verb fills a register that is still being taken: then it is an office entry, and no reason is asked.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers import codes, taking
from registers.actions.marking import Change, enter_marks
from registers.calendar_rules import Session
from registers.codes import Code
from registers.facts import MarkFacts, Slot, mark_facts
from registers.models import Entry
from registers.taking import Outcome

SAME_MARK = {"/": "\\", "\\": "/"}  # present, in the other session


class Clash(Refused):
    """The mark moved on after the page was opened."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mark as a person wants it; `version` is the one she saw, 0 for none."""

    slot: Slot
    letter: str
    version: int
    minutes_late: int | None = None
    note: str = ""

    def code(self) -> Code:
        """The code of the session's own set; present is / or \\ by the session. Raises UnknownCode, NotInForce."""
        letter = self.letter
        if letter in SAME_MARK:
            letter = "/" if self.slot.session is Session.AM else "\\"
        return codes.code_for(letter, self.slot.day)


def outcome(facts: MarkFacts, now: datetime) -> Outcome:
    """Whether a change now is part of taking the register or an amendment."""
    return taking.outcome(facts.register, made_at=now, has_mark=facts.code is not None, may_amend=True)


def why_not_amend(facts: MarkFacts, wanted: Wanted, *, now: datetime, may_decide_leave: bool) -> list[str]:
    """Why the mark may not become what is wanted, in sentences; empty means it may."""
    if reasons := taking.why_not_amend(facts.register, facts.pupil, now):
        return reasons
    try:
        code = wanted.code()
    except (codes.UnknownCode, codes.NotInForce) as fault:
        return [f"{fault}."]
    if (code, wanted.minutes_late, wanted.note) == (facts.code, facts.minutes_late, facts.note):
        return ["Nothing is changed: the mark says this already."]
    return taking.why_not_mark(
        facts.register,
        facts.pupil,
        code,
        may_set_any=True,
        may_decide_leave=may_decide_leave,
        note=wanted.note,
    )


def amend_mark(*, school: School, wanted: Wanted, reason: str, by: Actor, may_decide_leave: bool = False) -> Outcome:
    """Change one mark, or raise `Refused` with the sentences why not, `Clash` when it has moved on."""
    [result] = amend_marks(school=school, wanted=[wanted], reason=reason, by=by, may_decide_leave=may_decide_leave)
    return result


@transaction.atomic
def amend_marks(
    *,
    school: School,
    wanted: Sequence[Wanted],
    reason: str,
    by: Actor,
    may_decide_leave: bool = False,
    source: Entry.Source = Entry.Source.AMENDMENT,
    verb: str = "amend_mark",
) -> list[Outcome]:
    """Change marks, all of them or none: one amendment each, unless its register is still being taken.

    `source` is kept on the entries of amendments; other entries are the office's.
    """
    hold_registers(school, [each.slot for each in wanted])
    now = clock.now(school)
    facts = mark_facts(school, [each.slot for each in wanted])
    if any(each.slot not in facts for each in wanted):
        raise Refused(["One of these pupils is not a pupil of this school. Load the page again."])
    outcomes = [outcome(facts[each.slot], now) for each in wanted]
    refused = [
        sentence
        for each in wanted
        for sentence in why_not_amend(facts[each.slot], each, now=now, may_decide_leave=may_decide_leave)
    ]
    if Outcome.AMENDED in outcomes and not reason.strip():
        refused.append("Give the reason: the register has been sent or closed, so this change is an amendment.")
    if refused:
        raise Refused(list(dict.fromkeys(refused)))
    groups: dict[tuple[date, Session, Outcome], list[Wanted]] = defaultdict(list)
    for each, result in zip(wanted, outcomes, strict=True):
        groups[each.slot.day, each.slot.session, result].append(each)
    for (day, session, result), group in groups.items():
        amends = result is Outcome.AMENDED
        entered = enter_marks(
            school_id=school.pk,
            day=day,
            session=session,
            changes=[
                Change(each.slot.pupil_id, each.code().number, each.version, each.minutes_late, each.note)
                for each in group
            ],
            by=by,
            at=now,
            made_at=now,
            source=source if amends else Entry.Source.OFFICE,
            amend_because=reason if amends else None,
        )
        if len(entered.pupil_ids) < len(group):
            raise Clash(["This mark was changed by somebody else while you had it open. Look at it again."])
        _audit(verb, school, by, group, facts, reason if amends else "", entered.entry_id)
    return outcomes


def hold_registers(school: School, slots: Collection[Slot]) -> None:
    """Let no register of these sessions be sent until the transaction ends, so that what was judged stays so."""
    sessions = {(slot.day, slot.session) for slot in slots}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM registers_register WHERE school_id = %s AND (day, session) IN "
            "(SELECT * FROM unnest(%s::date[], %s::smallint[])) ORDER BY id FOR SHARE",
            [school.pk, [day for day, _ in sessions], [int(session) for _, session in sessions]],
        )


def _audit(
    verb: str,
    school: School,
    by: Actor,
    group: list[Wanted],
    facts: dict[Slot, MarkFacts],
    reason: str,
    entry_id: int | None,
) -> None:
    slot = group[0].slot
    one = len(group) == 1
    what = f"from {facts[slot].code or 'no mark'} to {group[0].code()}" if one else f"{len(group)} marks"
    audit.record(
        verb,
        school_id=school.pk,
        by=by,
        pupil_id=slot.pupil_id if one else None,
        summary=f"{'Amended' if reason else 'Entered'} {slot.day:%a %-d %b %Y} {slot.session}: {what}."
        + (f" Reason: {reason}" if reason else ""),
        data={"entry": entry_id, "pupils": [each.slot.pupil_id for each in group]},
    )
