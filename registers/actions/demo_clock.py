"""Set the clock of a demonstration to a register's time, and back to the true time.

The day begins anew: marks made after 08:50 are taken back, what somebody wanted instead is declined, and its registers
are not yet taken, so that a visitor has one to take. What was there is kept in the audit row and put back, where
nothing else stands meanwhile, when the clock is set again or goes back to the true time. Never at a school that is no
demonstration.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import AuditRow, School
from attendance_mis.tenancy import acting_for
from registers.actions.marking import Change, enter_marks
from registers.models import Entry, Mark, Proposal, Pupil, Register, SchoolDay

VISITORS_TIME = time(8, 50)
VERBS = SET, RESET = "set_demo_clock", "reset_demo_clock"
CLOCK = Actor.system("Clock of the demonstration")


def visitors_moment(school: School, now: datetime) -> datetime | None:
    """08:50 of the last school day, which is the day itself from that time on; None before the first.

    Never after the day on which the demonstration was loaded: the registers of the days since are all missing.
    """
    today = now.astimezone(school.zone).date()
    upto = min(today, last_day(school) or today)
    days = SchoolDay.objects.filter(school=school, am=True, day__lte=upto)
    moments = (datetime.combine(each.day, VISITORS_TIME, school.zone) for each in days.order_by("-day")[:2])
    return next((moment for moment in moments if moment <= now), None)


def last_day(school: School) -> date | None:
    """The day on which the demonstration was loaded, where it ends."""
    loaded = AuditRow.objects.filter(verb="load_demo", subject_type="attendance_mis.school", subject_id=school.pk)
    at = loaded.order_by("-id").values_list("at", flat=True).first()
    return at.astimezone(school.zone).date() if at else None


def is_over(school: School, now: datetime) -> bool:
    """Whether a school day has come since the demonstration was loaded."""
    last = last_day(school)
    since = SchoolDay.objects.filter(school=school, am=True, day__gt=last, day__lte=now.date()) if last else None
    return since is not None and since.exists()


def set_demo_clock(*, school: School, by: Actor) -> None:
    """Set the clock of every demonstration school of the trust to 08:50 of its last school day, registers untaken."""
    _at_each(school, by, _set)


def reset_demo_clock(*, school: School, by: Actor) -> None:
    """Give every demonstration school of the trust the true time again, and the rest of the day."""
    _at_each(school, by, _reset)


@transaction.atomic
def _at_each(school: School, by: Actor, change: Callable[[School, Actor], None]) -> None:
    if not school.is_demo:
        raise Refused(["Only a demonstration has a clock that can be set."])
    schools = School.objects.filter(is_demo=True, trust=school.trust).select_for_update(no_key=True).order_by("pk")
    for each in schools:
        with acting_for(each):
            audit.pass_gate(each.pk)
            change(each, by)
            each.save(update_fields=["clock_offset"])


def _set(school: School, by: Actor) -> None:
    _put_back(school)
    moment = visitors_moment(school, timezone.now())
    if moment is None:
        raise Refused(["There is no school day before today."])
    school.clock_offset = moment - timezone.now()
    taken_away = {"marks": _take_marks_away(school, moment), "registers": _take_registers_away(moment)}
    Proposal.objects.filter(day=moment.date(), decided_at=None, made_at__gte=moment).update(
        decided_at=moment, decided_by=by.user_id, is_accepted=False
    )
    summary = f"Set the clock of the demonstration to {moment:%H:%M on %A %-d %B %Y}."
    audit.record(SET, school, school_id=school.pk, by=by, summary=summary, data=taken_away)


def _reset(school: School, by: Actor) -> None:
    _put_back(school)
    school.clock_offset = None
    audit.record(
        RESET, school, school_id=school.pk, by=by, summary="Gave the demonstration the true time again.", data={}
    )


def _take_marks_away(school: School, moment: datetime) -> list[list[Any]]:
    """Take back the marks of the day that were made at the moment or later; returns them."""
    day = moment.date()
    later = Entry.objects.annotate(made=Coalesce("made_at", "at")).filter(day=day, made__gte=moment).values("id")
    marks = Mark.objects.filter(day=day, entry_id__in=later).order_by("session", "pupil_id")
    changes: dict[int, list[Change]] = defaultdict(list)
    for mark in marks:
        changes[mark.session].append(Change(mark.pupil_id, None, mark.entry_id))
    for session, taken_back in changes.items():
        _enter(school, day, session, taken_back, Entry.Source.RULE, moment)
    return [[str(day), m.session, m.pupil_id, m.code, m.minutes_late, m.note or ""] for m in marks]


def _take_registers_away(moment: datetime) -> list[dict[str, Any]]:
    """Registers sent at the moment or later, or opened and never sent; returns them."""
    done = Coalesce("sent_at", "opened_at")
    registers = Register.objects.annotate(done=done).filter(day=moment.date(), done__gte=moment).order_by("pk")
    names = [field.attname for field in Register._meta.concrete_fields if not field.primary_key]
    rows = [{name: _plain(getattr(register, name)) for name in names} for register in registers]
    registers.delete()
    return rows


def _put_back(school: School) -> None:
    """Put back what the clock last took away, but nothing that would change what a visitor entered since."""
    last = AuditRow.objects.filter(verb__in=VERBS, subject_type="attendance_mis.school").order_by("-id").first()
    if last is None or last.verb == RESET:
        return
    missing: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for day, session, pupil_id, code, minutes_late, note in last.data["marks"]:
        missing[day, session].append(Change(pupil_id, code, 0, minutes_late, note))
    for (day, session), changes in missing.items():
        _enter(school, day, session, changes, Entry.Source.IMPORT, None)
    for row in last.data["registers"]:
        row = {name: parse_datetime(value) if name.endswith("_at") and value else value for name, value in row.items()}
        same = Register.objects.filter(**{name: row[name] for name in ("class_group_id", "day", "session")})
        if not same.filter(sent_at=None).update(**row) and not same.exists():
            Register.objects.create(**row)


def _enter(
    school: School, day: Any, session: int, changes: list[Change], source: Entry.Source, moment: datetime | None
) -> None:
    at = moment or timezone.now()
    enter_marks(
        school_id=school.pk, day=day, session=session, changes=changes, by=CLOCK, at=at, made_at=moment, source=source
    )
    Pupil.objects.filter(pk__in=[change.pupil_id for change in changes]).update(changed_at=timezone.now())


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
