"""Answer for children the register does not explain, and close a session of the day."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework import accounting
from casework.board import Board, board
from casework.models import AccountedFor, SessionClose
from registers.calendar_rules import Session

SAID = {Session.AM: "morning", Session.PM: "afternoon"}


@transaction.atomic
def close_session(*, school: School, session: Session, reasons: Mapping[int, str], by: Actor) -> Board:
    """Close the morning or the afternoon of today: nobody is unaccounted for, or `reasons` (by pupil) says why.

    What was said before stays. Closing again adds the reasons of children who turned up as unexplained meanwhile.
    Raises Refused with a sentence for each child nobody answers for.
    """
    now = clock.now(school)
    School.objects.select_for_update(no_key=True).get(pk=school.pk)  # two people close at once: one after the other
    found = board(school, session, now)
    left = {child.pupil_id: child.name for child in found.not_accounted_for}
    left |= {child.pupil_id: child.name for child in found.blanks}
    said = {pupil_id: reason.strip() for pupil_id, reason in reasons.items() if pupil_id in left and reason.strip()}
    refused = accounting.why_not_close(
        session=SAID[session],
        opens_at=found.opens_at,
        due_at=found.due_at,
        now=now,
        left=[name for pupil_id, name in left.items() if pupil_id not in said],
    )
    if not found.is_school_day:
        refused = [f"There is no school this {SAID[session]}."]
    if refused:
        raise Refused(refused)
    day = now.date()
    _answer(school, day, session, said, by, now)
    close, is_new = SessionClose.objects.get_or_create(
        school=school, day=day, session=session, defaults={"closed_at": now, "closed_by_id": by.person}
    )
    if is_new:
        audit.record(
            "close_session",
            close,
            school_id=school.pk,
            by=by,
            summary=f"Closed the {SAID[session]} of {day:%A %-d %B %Y}: every child is accounted for"
            f"{f', {len(said)} by the word of {by.name}' if said else ''}.",
            data={"answered_for": sorted(said)},
        )
    return board(school, session, now)


def _answer(school: School, day: date, session: Session, said: Mapping[int, str], by: Actor, now) -> None:  # type: ignore[no-untyped-def]
    AccountedFor.objects.bulk_create(
        AccountedFor(
            school=school, pupil_id=pupil_id, day=day, session=session, reason=reason, at=now,
            by_id=by.person, by_name=by.name, by_position=by.position,
        )
        for pupil_id, reason in said.items()
    )  # fmt: skip
    audit.record_all(
        [
            audit.Row(
                "account_for", None, f"Answers for the child in the {SAID[session]} of {day:%-d %B %Y}: {reason}",
                pupil_id,
            )
            for pupil_id, reason in said.items()
        ],
        school_id=school.pk,
        by=by,
    )  # fmt: skip
