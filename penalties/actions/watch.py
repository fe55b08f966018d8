"""Look at the whole school's threshold, take down what another school says, and choose readings."""

from dataclasses import replace
from datetime import date

from django.db import connection, transaction

from attendance_mis import audit, clock
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import School
from attendance_mis.words import how_many
from casework.querysets.measures import school_ranges
from penalties.actions import improvements, notices
from penalties.models import Evidence, LastLook, Readings, Watch
from penalties.querysets import Look, record_counts
from penalties.readings import PenaltySettings, settings_on, to_document, why_not_settings
from penalties.thresholds import WATCHED
from penalties.watching import settings_of
from registers import codes
from registers.calendar_rules import Session
from registers.models import Entry, Pupil

LOOKING = Actor.system("threshold watch")


def follow_changes(*, school: School) -> bool:
    """Look again when registers were written since the last look; says whether it did.

    An entry whose transaction ended after a later one's may be passed over; the nightly look takes no notice of
    entries and finds it.
    """
    today = clock.today(school)
    last = LastLook.objects.filter(school=school).first()
    if last and last.on == today and not Entry.objects.filter(school=school, id__gt=last.entry_id).exists():
        return False
    look(school=school, on=today)
    return True


@transaction.atomic
def look(*, school: School, on: date) -> int:
    """Count every child's sessions in the ten school weeks and keep them; returns how many are new to the threshold.

    Notices to improve are checked and the marks of issued notices compared with the register. Only what has changed is
    written: beat twice, it finds the same and writes nothing to the trail twice. About ten statements, whatever the
    size of the school.
    """
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    newest = _newest_entry()
    settings = follow_readings(school, on)
    window = school_ranges(school, on).window
    reached = record_counts([Look(school.pk, window, on, settings.count_n)]) if window else []
    if window is None:
        Watch.objects.filter(school=school).delete()
    audit.record_all(
        [
            audit.Row(
                "reach_threshold",
                None,
                f"Reached the national threshold: {how_many(each.counted, 'session')} counted.",
                each.pupil_id,
            )
            for each in reached
        ],
        school_id=school.pk,
        by=LOOKING,
    )
    improvements.check(school=school, on=on, settings=settings)
    notices.recheck_marks(school=school, on=on, settings=settings, by=LOOKING)
    LastLook.objects.bulk_create(
        [LastLook(school=school, entry_id=newest, on=on)],
        update_conflicts=True,
        unique_fields=["school"],
        update_fields=["entry_id", "on"],
    )
    return len(reached)


def _newest_entry() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM registers_entry")
        return cursor.fetchone()[0]


def why_not_evidence(pupil: Pupil, day: date, code: int, today: date) -> list[str]:
    """Why a session at another school cannot be taken down; empty means it can."""
    reasons = []
    if code not in WATCHED:
        reasons.append("Only unauthorised sessions count: G, O or U, and N for as long as there is no reason.")
    if day > today:
        reasons.append("The session lies ahead.")
    if not pupil.compulsory_from <= day <= pupil.compulsory_until:
        reasons.append("The child was not of compulsory school age on that day (5.17).")
    return reasons


@transaction.atomic
def add_evidence(
    *, pupil: Pupil, day: date, sessions: list[int], letter: str, origin: str, by: Actor
) -> list[Evidence]:
    """Take down what another school said of a day. Raises Refused; the count follows at once."""
    today = clock.today(pupil.school)
    try:
        code = codes.code_for(letter, day).number
    except (codes.UnknownCode, codes.NotInForce) as fault:
        raise Refused([f"{letter} is no code of {day:%-d %B %Y}."]) from fault
    if reasons := why_not_evidence(pupil, day, code, today):
        raise Refused(reasons)
    School.objects.select_for_update(no_key=True).get(pk=pupil.school_id)  # before the trail: `look` holds it too
    if Evidence.objects.filter(pupil=pupil, day=day, session__in=sessions).exists():
        raise Refused(["That session is taken down already."])
    made = [
        Evidence(
            school_id=pupil.school_id, pupil=pupil, day=day, session=session, code=code, origin=origin,
            noted_on=today, noted_by_id=by.user_id,
        )
        for session in sessions
    ]  # fmt: skip
    Evidence.objects.bulk_create(made)
    halves = " and ".join(Session(session).name for session in sessions)
    said = f"Took down {letter} on {day:%-d %B %Y} {halves} at another school: {origin}"
    audit.record("add_evidence", made[0], school_id=pupil.school_id, by=by, summary=said, pupil_id=pupil.pk)
    look(school=pupil.school, on=today)
    return made


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: Actor) -> None:
    """Strike out what another school had said."""
    School.objects.select_for_update(no_key=True).get(pk=evidence.school_id)
    said = f"Struck out {evidence} at another school: {evidence.origin}"
    audit.record(
        "remove_evidence", evidence, school_id=evidence.school_id, by=by, summary=said, pupil_id=evidence.pupil_id
    )
    Evidence.objects.filter(pk=evidence.pk).delete()
    look(school=evidence.school, on=clock.today(evidence.school))


@transaction.atomic
def choose_readings(*, school: School, settings: PenaltySettings, why: str, by: Actor) -> Readings:
    """Take readings from a day on, today or later: what was decided by earlier ones stays. Raises Refused."""
    today = clock.today(school)
    School.objects.select_for_update(no_key=True).get(pk=school.pk)
    reasons = why_not_settings(settings)
    if settings.in_force_from < today:
        reasons.append("Readings change from today or a later day: what was decided before stays as it was.")
    if reasons:
        raise Refused(reasons)
    before = settings_of(school, settings.in_force_from)
    changed = [name for name, value in to_document(settings).items() if value != getattr(before, name)]
    made, _ = Readings.objects.update_or_create(
        school=school,
        in_force_from=settings.in_force_from,
        defaults={
            "document": to_document(settings),
            "why": why,
            "changed_on": today,
            "changed_by_id": by.user_id,
        },
    )
    said = f"Chose readings from {settings.in_force_from:%-d %B %Y}: {', '.join(changed) or 'no change'}. {why}"
    audit.record("choose_readings", made, school_id=school.pk, by=by, summary=said, data=to_document(settings))
    look(school=school, on=today)
    return made


def follow_readings(school: School, on: date) -> PenaltySettings:
    """The readings in force on a day; the school's own field is made to say whether N counts as they do.

    A pack sets that field where no readings were chosen.
    """
    versions = [each.settings for each in Readings.objects.filter(school=school)]
    settings = settings_on(versions, on)
    if settings.in_force_from == date.min:
        return replace(settings, count_n=school.count_n_for_penalties)
    if settings.count_n != school.count_n_for_penalties:
        School.objects.filter(pk=school.pk).update(count_n_for_penalties=settings.count_n)
        school.count_n_for_penalties = settings.count_n
    return settings
