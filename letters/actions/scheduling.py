"""Letters that the clock proposes: when each is due at a school, switched on and off, run now. Nothing is sent by it.

The school's own calendar decides; a holiday proposes nothing unless the school says so. `key`s keep a second run of
the same half-term or week from proposing anything twice.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction

from attendance_mis import audit, clock
from attendance_mis.actors import Actor
from attendance_mis.models import School
from letters.actions.proposing import propose_for_many
from letters.models import ScheduleSetting
from letters.occasions import Occasion
from registers.models import SchoolDay

CLOCK = Actor.system("schedule of letters")
LATE_AT_LEAST = 5  # law.md: five lates a half-term is where the policies write
ILL_AT_LEAST = 11  # sessions: longer than five days (policies.md, preset national)
AHEAD = timedelta(days=120)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One kind: when it is due among the school's days, and for whom it proposes which letter."""

    kind: str
    name: str
    when: str
    occasion: Occasion
    is_due: Callable[[list[SchoolDay], date], bool]
    late_at_least: int | None = None
    ill_at_least: int | None = None


def _begins_half_term(days: list[SchoolDay], day: date) -> bool:
    """The first school day of a half-term, but not of the year: the half-term before it is complete."""
    before = [each for each in days if each.day < day]
    here = next((each for each in days if each.day == day), None)
    return bool(here and before) and before[-1].academic_year == here.academic_year and (
        before[-1].half_term != here.half_term
    )  # fmt: skip


def _ends_week(days: list[SchoolDay], day: date) -> bool:
    """The last school day of its week."""
    monday = day - timedelta(days=day.weekday())
    week = [each.day for each in days if monday <= each.day < monday + timedelta(days=7)]
    return bool(week) and day == week[-1]


def _begins_week(days: list[SchoolDay], day: date) -> bool:
    monday = day - timedelta(days=day.weekday())
    week = [each.day for each in days if monday <= each.day < monday + timedelta(days=7)]
    return bool(week) and day == week[0]


KINDS = {
    each.kind: each
    for each in (
        Scheduled(
            "reports",
            "Half-termly report to parents",
            "On the first school day after each half-term",
            Occasion.REPORT,
            _begins_half_term,
        ),
        Scheduled(
            "lateness",
            "Lateness",
            f"On the last school day of each week, for {LATE_AT_LEAST} lates or more; once a half-term",
            Occasion.LATENESS,
            _ends_week,
            late_at_least=LATE_AT_LEAST,
        ),
        Scheduled(
            "evidence",
            "Illness and medical evidence",
            "On the first school day of each week, for more than 5 days of illness; once a half-term",
            Occasion.ILLNESS,
            _begins_week,
            ill_at_least=ILL_AT_LEAST,
        ),
    )
}


def setting_of(school: School, kind: str) -> ScheduleSetting:
    """The school's switch; not saved where nobody touched it."""
    return ScheduleSetting.objects.filter(task=kind).first() or ScheduleSetting(school=school, task=kind)


def run_if_due(*, school: School, kind: str, day: date) -> int | None:
    """Propose the letters of a kind when the day asks for them; how many, None when it does not."""
    setting = setting_of(school, kind)
    if not setting.is_on or not is_due(school, KINDS[kind], day, in_holidays=setting.in_holidays):
        return None
    return run_now(school=school, kind=kind, by=CLOCK)


def is_due(school: School, scheduled: Scheduled, day: date, *, in_holidays: bool) -> bool:
    """Whether a kind is due. In a holiday a weekly one counts Mondays and Fridays, where the school says so."""
    days = list(
        SchoolDay.objects.filter(day__range=(day - AHEAD, day + timedelta(days=7))).order_by("day")
    )  # fmt: skip
    if any(each.day == day for each in days):
        return scheduled.is_due(days, day)
    return in_holidays and day.weekday() == {"lateness": 4, "evidence": 0}.get(scheduled.kind)


@transaction.atomic
def run_now(*, school: School, kind: str, by: Actor) -> int:
    """Propose the letters of a kind now; how many."""
    scheduled = KINDS[kind]
    today = clock.today(school)
    last = SchoolDay.objects.filter(day__lte=today).order_by("-day").first()
    part = f"{last.academic_year}-HT{last.half_term}" if last else f"{today}"
    count = propose_for_many(
        school=school,
        occasion=scheduled.occasion,
        by=by,
        late_at_least=scheduled.late_at_least,
        ill_at_least=scheduled.ill_at_least,
        key=f"{kind}:{part}",
    )
    summary = f"{scheduled.name}: {count} letter{'s' * (count != 1)} proposed."
    audit.record("run_schedule", school_id=school.pk, by=by, summary=summary, data={"kind": kind})
    return count


@transaction.atomic
def change_schedule(*, school: School, kind: str, is_on: bool, in_holidays: bool, by: Actor) -> None:
    """Switch a kind on or off, and say whether it runs in the holidays."""
    ScheduleSetting.objects.update_or_create(
        school=school, task=kind, defaults={"is_on": is_on, "in_holidays": in_holidays}
    )
    said = f"{'on' if is_on else 'off'}{', in the holidays too' if in_holidays else ''}"
    audit.record(
        "change_schedule", school_id=school.pk, by=by, summary=f"Schedule of {KINDS[kind].name}: {said}.",
        data={"kind": kind},
    )  # fmt: skip


def next_days(school: School, scheduled: Scheduled, after: date) -> Iterator[date]:
    """The coming days on which a kind is due, from the school's calendar."""
    days = list(SchoolDay.objects.filter(day__range=(after - AHEAD, after + AHEAD)).order_by("day"))
    return (each.day for each in days if each.day > after and scheduled.is_due(days, each.day))
