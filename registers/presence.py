"""Who is in the building: every child on roll today with the marks and comings and goings that tell. One query."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from attendance_mis import prepared
from attendance_mis.models import School
from registers import codes
from registers.calendar_rules import Session
from registers.facts import register_times
from registers.models import Crossing
from registers.whereabouts import Crossed, Whereabouts, whereabouts

_PRESENCE = """
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename) AS forename,
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname) AS surname, g.id, g.name, am.code, pm.code,
       x.direction, x.at, x.why, x.note, x.expected_back, plan.code, (d.am OR d.pm) IS TRUE
FROM registers_classmembership c
JOIN registers_pupil p ON p.school_id = c.school_id AND p.id = c.pupil_id
JOIN registers_classgroup g ON g.id = c.class_group_id
LEFT JOIN registers_schoolday d ON d.school_id = c.school_id AND d.day = %(day)s
LEFT JOIN registers_mark am ON am.school_id = c.school_id AND am.pupil_id = p.id AND am.day = %(day)s AND am.session = 1
LEFT JOIN registers_mark pm ON pm.school_id = c.school_id AND pm.pupil_id = p.id AND pm.day = %(day)s AND pm.session = 2
LEFT JOIN (
  SELECT DISTINCT ON (pupil_id) pupil_id, direction, at, why, note, expected_back FROM registers_crossing
  WHERE school_id = %(school)s AND day = %(day)s ORDER BY pupil_id, at DESC, id DESC) x ON x.pupil_id = p.id
LEFT JOIN (
  SELECT DISTINCT ON (a.pupil_id) a.pupil_id, a.code FROM registers_plannedabsence a
  WHERE a.school_id = %(school)s AND a.cancelled_at IS NULL AND a.end >= %(day)s AND a.start <= %(day)s
    AND (%(day)s, %(session)s::int) BETWEEN (a.start, a.start_session) AND (a.end, a.end_session)
    AND a.weekdays & (1 << (extract(isodow FROM %(day)s::date)::int - 1)) <> 0
    AND coalesce(a.only_session, %(session)s::int) = %(session)s::int
  ORDER BY a.pupil_id, a.id DESC) plan ON plan.pupil_id = p.id
WHERE c.school_id = %(school)s AND c.start <= %(day)s AND (c.end IS NULL OR c.end >= %(day)s)
  AND (%(only)s::int[] IS NULL OR p.id = ANY(%(only)s::int[]))
  AND (%(classes)s::int[] IS NULL OR g.id = ANY(%(classes)s::int[]))
  AND EXISTS (SELECT FROM registers_registration o WHERE o.school_id = c.school_id AND o.pupil_id = p.id
              AND o.admission_date <= %(day)s AND (o.leaving_date IS NULL OR o.leaving_date >= %(day)s))
ORDER BY g.name, g.id, surname, forename, p.id
"""


@dataclass(frozen=True, slots=True)
class Present:
    """One child and where she is."""

    pupil_id: int
    forename: str
    surname: str
    class_group_id: int
    class_name: str
    whereabouts: Whereabouts

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


def presence(
    school: School, now: datetime, *, only: Collection[int] | None = None, classes: Collection[int] | None = None
) -> list[Present]:
    """Where the children on roll are at `now`, by class and surname; `only` of these pupils, `classes` of these."""
    day, times = now.date(), register_times(school)
    session = times.session_at(now.time())
    rows = prepared.rows(
        _PRESENCE,
        {
            "school": school.pk,
            "day": day,
            "session": int(session),
            "only": None if only is None else list(only),
            "classes": None if classes is None else list(classes),
        },
    )
    opens = {each: at(day, school, each) for each in Session}
    return [
        Present(
            pupil_id, forename, surname, group_id, group,
            whereabouts(
                am=am and codes.by_number(am), pm=pm and codes.by_number(pm),
                crossed=crossed(school, direction, crossed_at, why, note, back),
                am_opens=opens[Session.AM], pm_opens=opens[Session.PM], now=now,
                is_expected=is_expected, planned=plan and codes.by_number(plan),
            ),
        )
        for pupil_id, forename, surname, group_id, group, am, pm, direction, crossed_at, why, note, back, plan,
            is_expected in rows
    ]  # fmt: skip


def at(day: date, school: School, session: Session) -> datetime:
    """When the register of a session opens, as a moment."""
    return datetime.combine(day, register_times(school).opens(session), tzinfo=school.zone)


def crossed(school: School, direction: str | None, moment: datetime, why: str, note: str, back) -> Crossed | None:  # type: ignore[no-untyped-def]
    """A crossing as the rule reads it; None for none."""
    if direction is None:
        return None
    label = Crossing.Why(why).label
    if direction == Crossing.Direction.IN and why == Crossing.Why.LATE:
        label = "Came late"
    return Crossed(direction == Crossing.Direction.IN, moment.astimezone(school.zone), label, note, back)
