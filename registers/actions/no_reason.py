"""Turn an N whose reason was not found in five school days into O (law.md 1.8): by a person, or by rule."""

from collections.abc import Sequence

from django.db import transaction

from attendance_mis import clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers import no_reason
from registers.actions.amending import Wanted, amend_marks
from registers.facts import Slot
from registers.models import Entry

REASON = "The reason was not established within five school days after the session (SI 2024/208 reg 10(7) to (9))."
AT_ONCE = 1000


@transaction.atomic
def turn_n_into_o(
    *,
    school: School,
    chosen: Sequence[tuple[Slot, int]],
    by: Actor,
    source: Entry.Source = Entry.Source.AMENDMENT,
) -> int:
    """Amend these N marks, each with the version that was seen, to O; returns how many.

    Raises `Refused` for one that is not an overdue N (any longer), and then changes none.
    """
    overdue, _ = no_reason.overdue(school, clock.today(school))
    notes = {old.slot: old.note for old in overdue}
    if not all(slot in notes for slot, _ in chosen):
        raise Refused(["One of these is no longer an N older than five school days. Look at the list again."])
    amend_marks(
        school=school,
        wanted=[Wanted(slot, "O", version, note=notes[slot]) for slot, version in chosen],
        reason=REASON,
        by=by,
        source=source,
        verb="turn_n_into_o",
    )
    return len(chosen)


def turn_all(*, school: School) -> int:
    """By the rule of a school that switched it on: every overdue N becomes O. Returns how many."""
    turned = 0
    while school.turn_old_n_into_o:
        overdue, _ = no_reason.overdue(school, clock.today(school), limit=AT_ONCE)
        if not overdue:
            break
        turned += turn_n_into_o(
            school=school,
            chosen=[(old.slot, old.version) for old in overdue],
            by=Actor.system("Rule: N older than five school days"),
            source=Entry.Source.RULE,
        )
    return turned
