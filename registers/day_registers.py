"""The registers of one day: every class, morning and afternoon, with how far each has come. One query."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from attendance_mis.models import School
from registers import codes, taking
from registers.calendar_rules import Session
from registers.facts import register_times
from registers.taking import Stage

_DAY = """
WITH here AS (
  SELECT c.class_group_id, c.pupil_id FROM registers_classmembership c
  WHERE c.school_id = %(school)s AND c.start <= %(day)s AND (c.end IS NULL OR c.end >= %(day)s)
    AND EXISTS (SELECT FROM registers_registration o WHERE o.school_id = %(school)s AND o.pupil_id = c.pupil_id
                AND o.admission_date <= %(day)s AND (o.leaving_date IS NULL OR o.leaving_date >= %(day)s))),
marked AS (
  SELECT h.class_group_id, m.session, count(*) AS marked,
         count(*) FILTER (WHERE m.code = ANY(%(no_reason)s)) AS no_reason
  FROM here h JOIN registers_mark m ON m.school_id = %(school)s AND m.pupil_id = h.pupil_id AND m.day = %(day)s
  GROUP BY 1, 2)
SELECT g.id, g.name, s.session, coalesce(CASE s.session WHEN 1 THEN d.am ELSE d.pm END, false), k.pupils,
       coalesce(marked.marked, 0), coalesce(marked.no_reason, 0),
       r.opened_at, r.sent_at, u.name, coalesce(r.is_late, false), coalesce(r.cover_for, ''), t.names,
       EXISTS (SELECT FROM registers_teaching o WHERE o.class_group_id = g.id AND o.user_id = %(user)s
               AND o.start <= %(day)s AND (o.end IS NULL OR o.end >= %(day)s)),
       EXISTS (SELECT FROM registers_cover o WHERE o.class_group_id = g.id AND o.user_id = %(user)s AND o.day = %(day)s)
FROM (SELECT class_group_id, count(*) AS pupils FROM here GROUP BY 1) k
JOIN registers_classgroup g ON g.id = k.class_group_id
CROSS JOIN (VALUES (1), (2)) AS s (session)
LEFT JOIN registers_schoolday d ON d.school_id = %(school)s AND d.day = %(day)s
LEFT JOIN registers_register r ON r.school_id = %(school)s AND r.day = %(day)s AND r.session = s.session
     AND r.class_group_id = g.id
LEFT JOIN attendance_mis_user u ON u.id = r.sent_by_id
LEFT JOIN marked ON marked.class_group_id = g.id AND marked.session = s.session
LEFT JOIN LATERAL (
  SELECT string_agg(u.name, ' and ' ORDER BY u.name) AS names FROM registers_teaching t
  JOIN attendance_mis_user u ON u.id = t.user_id
  WHERE t.class_group_id = g.id AND t.start <= %(day)s AND (t.end IS NULL OR t.end >= %(day)s)) t ON true
ORDER BY g.name, g.id, s.session
"""


@dataclass(frozen=True, slots=True)
class SessionRegister:
    """How far one register has come."""

    session: Session
    stage: Stage
    pupils: int
    marked: int
    no_reason: int
    sent_at: datetime | None
    sent_by: str
    cover_for: str
    opens_at: datetime
    closes_at: datetime

    @property
    def may_be_taken(self) -> bool:
        return self.stage not in (Stage.NO_SESSION, Stage.NOT_YET)


@dataclass(frozen=True, slots=True)
class ClassDay:
    """A class with its two registers, and what this person is to it."""

    class_group_id: int
    name: str
    teachers: str
    teaches: bool
    covers: bool
    registers: list[SessionRegister]

    @property
    def is_own(self) -> bool:
        return self.teaches or self.covers


def class_days(school: School, day: date, *, now: datetime, user_id: int) -> list[ClassDay]:
    """Every class that has pupils on this day, by name."""
    with connection.cursor() as cursor:
        cursor.execute(
            _DAY,
            {"school": school.pk, "day": day, "user": user_id, "no_reason": sorted(codes.NO_REASON)},
        )
        found = cursor.fetchall()
    times, zone = register_times(school), school.zone
    classes: dict[int, ClassDay] = {}
    for (
        class_group_id, name, number, is_session, pupils, marked, no_reason, opened_at, sent_at, sent_by, is_late,
        cover_for, teachers, teaches, covers,
    ) in found:  # fmt: skip
        facts = taking.RegisterFacts(day, Session(number), is_session, times, zone, sent_at, {})
        stage = taking.stage(facts, now=now, is_late=is_late, is_opened=opened_at is not None or marked > 0)
        each = classes.setdefault(
            class_group_id, ClassDay(class_group_id, name, teachers or "", teaches, covers, registers=[])
        )
        each.registers.append(
            SessionRegister(
                facts.session,
                stage,
                pupils,
                marked,
                no_reason,
                sent_at and sent_at.astimezone(zone),
                sent_by or "",
                cover_for,
                facts.opens_at,
                facts.closes_at,
            )
        )
    return list(classes.values())


def obvious(classes: list[ClassDay], *, now: datetime) -> tuple[ClassDay, SessionRegister] | None:
    """The one register this person surely wants: of her own classes the only one open and not sent, else None."""
    found = [
        (each, register)
        for each in classes
        if each.is_own
        for register in each.registers
        if register.stage in (Stage.OPEN, Stage.TAKING) and register.opens_at <= now
    ]
    return found[0] if len(found) == 1 else None
