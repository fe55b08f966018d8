"""Record what was done about a statutory clock, and make a return to the local authority."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction
from django.template.loader import render_to_string

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.pdf import render_pdf
from attendance_mis.words import how_many
from casework.clocks import CONFIDENTIAL, RULES, Kind
from casework.models import AuthorityReturn, ClockDone, ReturnAgreement
from casework.returns import TITLES, Told, as_csv, return_of, told_of
from casework.statutory import Running, running_clocks
from registers.actions.planning import review_part_time
from registers.models import PlannedAbsence

# These end by themselves when the register is put right.
NOT_RECORDED = (Kind.MISSING, Kind.OLD_N)


@transaction.atomic
def record_clocks_done(
    *, school: School, keys: Sequence[str], note: str, by: Actor, review_on: date | None = None
) -> int:
    """Record that somebody did what these clocks ask for; returns how many.

    `review_on` is the next review of a part-time timetable. Raises Refused, and records none, when one no longer runs
    or is not recorded so.
    """
    found = _find(school, keys)
    if any(each.clock.kind in NOT_RECORDED for each in found):
        raise Refused(["This clock ends when the register is put right: do that."])
    for running in found:
        if running.plan_id:
            planned = PlannedAbsence.objects.get(pk=running.plan_id)
            review_part_time(planned=planned, review_on=review_on, note=note, by=by)
        _done(school, running, note, by)
        verb = "tell_worker" if running.clock.kind in CONFIDENTIAL else "record_clocks_done"
        title = RULES[running.clock.kind].title
        _record(verb, school, running, f"{title}: done. {running.clock.sentence} {note}".strip(), by)
    return len(found)


@transaction.atomic
def make_return(*, school: School, kind: Kind, keys: Sequence[str], by: Actor) -> AuthorityReturn:
    """Make one return for these clocks: both files are kept as they are, and the clocks are done with it.

    Raises Refused for no child, or for one whose clock no longer runs.
    """
    if kind not in TITLES:
        raise Refused(["There is no return of this kind."])
    running = _find(school, keys)
    if not running or any(return_of(each.clock.kind) is not kind for each in running):
        raise Refused(["Choose at least one child."])
    told = told_of(school, kind, running)
    csv, pdf = as_csv(told), _pdf(school, kind, told, by)
    made = AuthorityReturn.objects.create(
        school=school,
        kind=kind,
        made_at=clock.now(school),
        made_by_id=by.user_id,  # type: ignore[misc]
        made_by_name=by.name,
        made_by_position=by.position,
        pupils=[each.pupil_id for each in told],
        csv=csv,
        csv_hash=hashlib.sha256(csv).hexdigest(),
        pdf=pdf,
        pdf_hash=hashlib.sha256(pdf).hexdigest(),
    )
    for each in running:
        _done(school, each, "", by, made)
        _record("make_return", school, each, f"{TITLES[kind]} to the local authority. {each.clock.sentence}", by, made)
    return made


@transaction.atomic
def change_return_agreement(*, school: School, interval: str, irregular_sessions: int, by: Actor) -> None:
    """Set what is agreed with the authority: how often returns are made, and from how many sessions."""
    agreed, _ = ReturnAgreement.objects.update_or_create(
        school=school, defaults={"interval": interval, "irregular_sessions": irregular_sessions}
    )
    said = (
        f"Attendance returns: {agreed.get_interval_display().lower()}; fails to attend regularly from "
        f"{how_many(irregular_sessions, 'session')} without authority in ten school weeks."
    )
    audit.record("change_return_agreement", school_id=school.pk, by=by, summary=said)


def _find(school: School, keys: Collection[str]) -> list[Running]:
    """The clocks as they run now; the school's row is held, so that nobody does the same at once."""
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    running = {each.key: each for each in running_clocks(school, clock.now(school))}
    if not all(key in running for key in keys):
        raise Refused(["One of these clocks no longer runs, or somebody has done it already. Look at the list again."])
    return [running[key] for key in dict.fromkeys(keys)]


def _done(school: School, running: Running, note: str, by: Actor, made: AuthorityReturn | None = None) -> ClockDone:
    return ClockDone.objects.create(
        school=school,
        kind=running.clock.kind,
        pupil=running.pupil,
        occasion=running.clock.occasion,
        done_at=clock.now(school),
        done_by_id=by.user_id,  # type: ignore[misc]
        done_by_name=by.name,
        done_by_position=by.position,
        note=note,
        authority_return=made,
    )


def _record(
    verb: str, school: School, running: Running, summary: str, by: Actor, subject: AuthorityReturn | None = None
) -> None:
    audit.record(
        verb, subject, school_id=school.pk, by=by, pupil_id=running.pupil.pk, summary=summary,
        data={"clock": str(running.clock.kind), "occasion": running.clock.occasion},
    )  # fmt: skip


def _pdf(school: School, kind: Kind, told: Sequence[Told], by: Actor) -> bytes:
    context = {
        "school": school,
        "title": TITLES[kind],
        "source": RULES[kind].source,
        "told": told,
        "day": clock.today(school),
        "by": by,
    }
    return render_pdf(render_to_string("casework/authority_return_pdf.html", context), "casework/return.css")
