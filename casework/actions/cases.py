"""Open a case, note what stands in the way and what was said, close it."""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from casework.case_rules import after, why_not, why_not_close
from casework.models import Barrier, Case, Note, Proposal, Task
from casework.progress import this_year
from registers.models import Pupil


def why_not_open(pupil: Pupil) -> list[str]:
    """Why no case can be opened for a pupil; empty means it can."""
    if Case.objects.filter(pupil=pupil).exclude(state="closed").exists():
        return ["There is an open case already: work on that one."]
    return []


@transaction.atomic
def open_case(
    *, pupil: Pupil, lead_id: int, concern: str, today: date, by: Actor, family: str = "", voice: str = ""
) -> Case:
    """Open a case with this year's figures as its baseline. Raises Refused when one is open."""
    Pupil.objects.select_for_update(no_key=True).get(pk=pupil.pk)
    if reasons := why_not_open(pupil):
        raise Refused(reasons)
    baseline = this_year(pupil, today)
    case = Case.objects.create(
        school_id=pupil.school_id,
        pupil=pupil,
        state=after("open_case"),
        opened_on=today,
        opened_by_id=by.user_id,
        lead_id=lead_id,
        concern=concern,
        family=family,
        voice=voice,
        baseline_attended=baseline.attended,
        baseline_absent=baseline.absence,
        baseline_possible=baseline.possible,
    )
    _settle_what_asked_for_it(case, by)
    record("open_case", case, f"Opened a case at {baseline.in_words}. {concern}", by)
    return case


def _settle_what_asked_for_it(case: Case, by: Actor) -> None:
    """The proposals and tasks to open a case are done with it."""
    now = timezone.now()
    asked = Proposal.objects.filter(pupil=case.pupil_id, kind=Proposal.Kind.CASE)
    asked.to_decide().update(state=Proposal.State.ACCEPTED, decided_at=now, decided_by=by.user_id)
    tasks = Task.objects.filter(pupil=case.pupil_id, proposal__in=asked).to_do()
    tasks.update(done_at=now, done_by=by.user_id, outcome="The case is open.")


@transaction.atomic
def change_case(*, case: Case, version: int, changes: dict[str, Any], by: Actor) -> None:
    """Change lead, concern, family or the pupil's voice. Raises Refused when somebody changed it meanwhile."""
    if case.state == "closed":
        raise Refused(why_not("make_plan", case.state))
    claim(case, version)
    Case.objects.filter(pk=case.pk).update(**changes)
    record("change_case", case, f"Changed of the case: {', '.join(sorted(changes)) or 'nothing'}.", by)


@transaction.atomic
def add_barrier(*, case: Case, side: str, what: str, today: date, by: Actor) -> Barrier:
    """Note something that stands in the way. Raises Refused when the case is closed."""
    _must_be_open(case)
    barrier = Barrier.objects.create(school_id=case.school_id, case=case, side=side, what=what, noted_on=today)
    record("add_barrier", case, f"In the way ({barrier.get_side_display().lower()}): {what}", by)
    return barrier


@transaction.atomic
def add_note(*, case: Case, text: str, is_confidential: bool, by: Actor) -> Note:
    """Note something. What a confidential note says stands in no trail. Raises Refused when the case is closed."""
    _must_be_open(case)
    note = Note.objects.create(
        school_id=case.school_id,
        case=case,
        text=text,
        is_confidential=is_confidential,
        at=timezone.now(),
        by_id=by.user_id,  # type: ignore[misc]
        by_position=by.position,
    )
    record("add_note", case, "Added a confidential note." if is_confidential else f"Noted: {text}", by)
    return note


def read_confidential(*, case: Case, by: Actor) -> None:
    """Record that somebody read the confidential notes of a case."""
    record("read_confidential_notes", case, "Read the confidential notes.", by)


@transaction.atomic
def close_case(*, case: Case, version: int, outcome: str, closing: str, today: date, by: Actor) -> None:
    """Close a case and say what came of it. Raises Refused while a plan runs, or when it was changed meanwhile."""
    if reasons := why_not_close(case.state, on_roll=is_on_roll(case.pupil, today), outcome=outcome):
        raise Refused(reasons)
    claim(case, version)
    Case.objects.filter(pk=case.pk).update(
        state=after("close_case"), closed_on=today, closed_by=by.user_id, outcome=outcome, closing=closing
    )
    case.plans.filter(is_reviewed=False).update(is_reviewed=True, reviewed_on=today, was_held=False)
    label = Case.Outcome(outcome).label
    record("close_case", case, f"Closed the case: {label[:1].lower()}{label[1:]}. {closing}", by)


def is_on_roll(pupil: Pupil, today: date) -> bool:
    return Pupil.objects.on_roll(today).filter(pk=pupil.pk).exists()


def claim(case: Case, version: int) -> None:
    """Go on only from the version the page showed: of two people who change a case at once, one is told."""
    if not Case.objects.filter(pk=case.pk, version=version).update(version=version + 1):
        raise Refused(["Somebody changed this case meanwhile. Look at it again; what you typed is still here."])


def _must_be_open(case: Case) -> None:
    if case.state == "closed":
        raise Refused(["The case is closed. Open a new one if there is a new concern."])


def record(verb: str, case: Case, summary: str, by: Actor) -> None:
    """One row of the case's story."""
    audit.record(verb, case, school_id=case.school_id, by=by, summary=summary, pupil_id=case.pupil_id)
