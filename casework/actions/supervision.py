"""Record what a supervision decided about a case."""

from datetime import date

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from casework.actions.cases import record
from casework.models import Case, Supervision
from casework.supervision_rules import why_not_supervise


@transaction.atomic
def supervise(*, case: Case, on: date, present: str, decision: str, by: Actor) -> Supervision:
    """Record a decision. Raises Refused with every reason against it."""
    case = Case.objects.select_for_update(of=("self",)).select_related("school").get(pk=case.pk)
    today = clock.today(case.school)
    if reasons := why_not_supervise(case.state, opened=case.opened_on, on=on, today=today):
        raise Refused(reasons)
    made = Supervision.objects.create(
        school=case.school,
        case=case,
        on=on,
        present=present,
        decision=decision,
        made_at=clock.now(case.school),
        made_by_id=by.user_id,  # type: ignore[misc]
        by_position=by.position,
    )
    record("supervise", case, f"Supervised on {on:%-d %B %Y}. Decided: {decision}", by)
    return made


def note_agenda(*, school: School, pupils: list[int], by: Actor) -> None:
    """Record for each child that somebody took the case file out."""
    rows = [audit.Row("make_agenda", None, "Took the case file out for supervision.", pupil) for pupil in pupils]
    audit.record_all(rows, school_id=school.pk, by=by)
