"""The facts of marks, fetched for any number of them by one query, as `taking` judges them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from attendance_mis.models import School
from registers import codes
from registers.calendar_rules import RegisterTimes, Session
from registers.codes import Code
from registers.taking import PupilFacts, RegisterFacts

# A plan counts where it covers the session; of two the one noted last.
_FACTS = """
SELECT w.pupil_id, w.day, w.session, coalesce(CASE w.session WHEN 1 THEN d.am ELSE d.pm END, false), r.sent_at,
       EXISTS (SELECT FROM registers_registration g WHERE g.school_id = p.school_id AND g.pupil_id = p.id
               AND w.day BETWEEN g.admission_date AND coalesce(g.leaving_date, 'infinity')),
       p.compulsory_from, p.compulsory_until, plan.code, plan.kind, m.code, m.entry_id, m.minutes_late, m.note
FROM unnest(%(pupils)s::int[], %(days)s::date[], %(sessions)s::smallint[]) WITH ORDINALITY
     AS w (pupil_id, day, session, n)
JOIN registers_pupil p ON p.school_id = %(school)s AND p.id = w.pupil_id
LEFT JOIN registers_schoolday d ON d.school_id = p.school_id AND d.day = w.day
LEFT JOIN registers_classmembership c ON c.school_id = p.school_id AND c.pupil_id = p.id
     AND w.day BETWEEN c.start AND coalesce(c."end", 'infinity')
LEFT JOIN registers_register r ON r.school_id = p.school_id AND r.class_group_id = c.class_group_id
     AND r.day = w.day AND r.session = w.session
LEFT JOIN registers_mark m ON m.school_id = p.school_id AND m.pupil_id = p.id AND m.day = w.day
     AND m.session = w.session
LEFT JOIN LATERAL (
  SELECT a.code, a.kind FROM registers_plannedabsence a
  WHERE a.school_id = p.school_id AND a.pupil_id = p.id AND a.cancelled_at IS NULL
    AND (w.day, w.session) BETWEEN (a.start, a.start_session) AND (a."end", a.end_session)
    AND a.weekdays & (1 << (extract(isodow FROM w.day)::int - 1)) <> 0
    AND coalesce(a.only_session, w.session) = w.session
  ORDER BY a.id DESC LIMIT 1) plan ON true
ORDER BY w.n
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """One pupil's session: where a mark stands or is missing."""

    pupil_id: int
    day: date
    session: Session


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """What the rules need of one slot, and the mark that stands there."""

    slot: Slot
    register: RegisterFacts
    code: Code | None
    version: int
    minutes_late: int | None
    note: str

    @property
    def pupil(self) -> PupilFacts | None:
        """None: not on roll on this day."""
        return self.register.pupils.get(self.slot.pupil_id)


def register_times(school: School) -> RegisterTimes:
    """When the school takes its registers, as the rules read it."""
    return RegisterTimes(school.am_register, school.am_closes, school.pm_register, school.pm_closes, school.day_ends)


def mark_facts(school: School, slots: Collection[Slot]) -> dict[Slot, MarkFacts]:
    """The facts of these slots, in their order; a pupil of another school has none."""
    times, zone = register_times(school), school.zone
    found = {}
    for (
        pupil_id, day, session, is_session, sent_at, on_roll, compulsory_from, compulsory_until,
        planned_code, planned_kind, code, version, minutes_late, note,
    ) in _rows(school, slots):  # fmt: skip
        slot = Slot(pupil_id, day, Session(session))
        pupil = PupilFacts(pupil_id, compulsory_from, compulsory_until, planned_code, planned_kind or "")
        found[slot] = MarkFacts(
            slot,
            RegisterFacts(day, slot.session, is_session, times, zone, sent_at, {pupil_id: pupil} if on_roll else {}),
            code and codes.by_number(code),
            version or 0,
            minutes_late,
            note or "",
        )
    return found


def _rows(school: School, slots: Collection[Slot]) -> Iterable[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FACTS,
            {
                "school": school.pk,
                "pupils": [slot.pupil_id for slot in slots],
                "days": [slot.day for slot in slots],
                "sessions": [int(slot.session) for slot in slots],
            },
        )
        return cursor.fetchall()
