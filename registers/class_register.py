"""One class's register of one session: what the page shows and what its verbs judge by, fetched by one query.

The rows are the pupils who belong to the class and are on roll on that day, whatever became of them since.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple
from unicodedata import combining, normalize
from uuid import UUID

from django.db.models import Max, Min, Q

from attendance_mis import prepared
from attendance_mis.models import School
from registers import codes
from registers.calendar_rules import Session
from registers.codes import Code
from registers.facts import register_times
from registers.models import Entry, SchoolDay
from registers.taking import PupilFacts, RegisterFacts

# Entries may become visible a little out of order (a save that began earlier commits later), so a poll looks back.
LOOK_BACK = timedelta(seconds=15)
DAYS_BACK = 5

_HEAD = """
SELECT g.id, g.name,
  EXISTS (SELECT FROM registers_schoolday d WHERE d.school_id = %(school)s AND d.day = %(day)s
          AND CASE %(session)s::int WHEN 1 THEN d.am ELSE d.pm END),
  EXISTS (SELECT FROM registers_teaching t WHERE t.class_group_id = g.id AND t.user_id = %(user)s
          AND t.start <= %(day)s AND (t.end IS NULL OR t.end >= %(day)s)),
  EXISTS (SELECT FROM registers_cover v WHERE v.class_group_id = g.id AND v.user_id = %(user)s AND v.day = %(day)s),
  (SELECT string_agg(u.name, ' and ' ORDER BY u.name) FROM registers_teaching t
     JOIN attendance_mis_user u ON u.id = t.user_id
   WHERE t.class_group_id = g.id AND t.start <= %(day)s AND (t.end IS NULL OR t.end >= %(day)s)),
  r.id, r.opened_at, r.sent_at, (SELECT u.name FROM attendance_mis_user u WHERE u.id = r.sent_by_id), r.sent_by_id,
  coalesce(r.is_late, false), coalesce(r.cover_for, ''),
  ARRAY(SELECT d.day FROM registers_schoolday d WHERE d.school_id = %(school)s AND d.day < %(day)s
        ORDER BY d.day DESC LIMIT %(back)s),
  m.by_name, m.at
FROM registers_classgroup g
LEFT JOIN registers_register r ON r.school_id = g.school_id AND r.class_group_id = g.id AND r.day = %(day)s
     AND r.session = %(session)s
LEFT JOIN LATERAL (
  SELECT m.by_name, m.at FROM registers_reminder m
  WHERE m.school_id = g.school_id AND m.day = %(day)s AND m.session = %(session)s AND m.class_group_id = g.id
    AND r.sent_at IS NULL
  ORDER BY m.at DESC LIMIT 1) m ON true
WHERE g.school_id = %(school)s AND g.id = %(class_group)s
"""

# OFFSET 0 is a fence: each pupil is looked up by her key, whatever the planner believes of a table that has just been
# filled. Without it a database that was never analysed reads the whole school for each child.
_MEMBERS = """
FROM registers_classmembership c
CROSS JOIN LATERAL (
  SELECT * FROM registers_pupil p WHERE p.school_id = c.school_id AND p.id = c.pupil_id OFFSET 0) p
WHERE c.school_id = %(school)s AND c.class_group_id = %(class_group)s AND c.start <= %(day)s
  AND (c.end IS NULL OR c.end >= %(day)s)
  AND EXISTS (SELECT FROM registers_registration o WHERE o.school_id = c.school_id AND o.pupil_id = c.pupil_id
              AND o.admission_date <= %(day)s AND (o.leaving_date IS NULL OR o.leaving_date >= %(day)s) OFFSET 0)
"""

# Of two plans for a session the one noted last counts. A slot counts the sessions back from this day's PM, which is 0.
_ROWS = f"""
WITH k AS MATERIALIZED (
  SELECT k.id, k.pupils FROM unnest(%(keys)s::uuid[]) AS of_save (key)
  CROSS JOIN LATERAL (
    SELECT * FROM registers_entry e WHERE e.school_id = %(school)s AND e.key = of_save.key OFFSET 0) k),
plan AS MATERIALIZED (
  SELECT DISTINCT ON (a.pupil_id) a.pupil_id, a.code, a.kind, a.note, a.noted_at, u.name AS noted_by
  FROM registers_plannedabsence a LEFT JOIN attendance_mis_user u ON u.id = a.noted_by_id
  WHERE a.school_id = %(school)s AND a.cancelled_at IS NULL AND a.end >= %(day)s AND a.start <= %(day)s
    AND (%(day)s, %(session)s::int) BETWEEN (a.start, a.start_session) AND (a.end, a.end_session)
    AND a.weekdays & %(weekday)s::int <> 0 AND coalesce(a.only_session, %(session)s::int) = %(session)s::int
  ORDER BY a.pupil_id, a.id DESC),
w AS MATERIALIZED (
  SELECT DISTINCT ON (o.pupil_id) o.*, u.name AS made_by
  FROM registers_proposal o JOIN attendance_mis_user u ON u.id = o.made_by_id
  WHERE o.school_id = %(school)s AND o.day = %(day)s AND o.session = %(session)s AND o.decided_at IS NULL
  ORDER BY o.pupil_id, o.id DESC),
p AS MATERIALIZED (
  SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename) AS forename,
         coalesce(nullif(p.preferred_surname, ''), p.legal_surname) AS surname, p.compulsory_from, p.compulsory_until,
         coalesce(p.vulnerable, false) OR coalesce(p.child_protection, false) OR coalesce(p.looked_after, false)
           OR p.social_worker <> '' AS vulnerable
  {_MEMBERS} AND (%(only)s::int[] IS NULL OR c.pupil_id = ANY(%(only)s::int[])))
SELECT p.id, p.forename, p.surname, p.compulsory_from, p.compulsory_until, p.vulnerable,
       (SELECT max(k.id) FROM k WHERE p.id = ANY(k.pupils)), before.slots, before.codes,
       plan.code, plan.kind, plan.note, plan.noted_at, plan.noted_by,
       m.code, m.entry_id, m.minutes_late, m.note,
       e.source, e.by_name, e.by_position, e.by_id, coalesce(e.made_at, e.at),
       w.id, w.code, w.minutes_late, w.note, w.made_at, w.made_by_id, w.made_by
FROM p
LEFT JOIN LATERAL (
  SELECT * FROM registers_mark m WHERE m.school_id = %(school)s AND m.pupil_id = p.id AND m.day = %(day)s
    AND m.session = %(session)s OFFSET 0) m ON true
LEFT JOIN LATERAL (SELECT * FROM registers_entry e WHERE e.id = m.entry_id OFFSET 0) e ON true
LEFT JOIN LATERAL (
  SELECT array_agg((%(day)s::date - b.day) * 2 + 2 - b.session) AS slots, array_agg(b.code) AS codes
  FROM registers_mark b WHERE b.school_id = %(school)s AND b.pupil_id = p.id
    AND b.day BETWEEN %(first)s::date AND %(day)s::date) before ON true
LEFT JOIN plan ON plan.pupil_id = p.id
LEFT JOIN w ON w.pupil_id = p.id
"""

_CHANGES = f"""
SELECT DISTINCT ON (x.pupil_id) x.pupil_id, x.code, e.id, x.minutes, x.note,
       e.source, e.by_name, e.by_position, e.by_id, coalesce(e.made_at, e.at)
FROM registers_entry e
CROSS JOIN LATERAL unnest(e.pupils, e.codes, e.minutes, e.notes) AS x (pupil_id, code, minutes, note)
LEFT JOIN registers_mark m ON m.school_id = e.school_id AND m.pupil_id = x.pupil_id
  AND m.day = e.day AND m.session = e.session
WHERE e.school_id = %(school)s AND e.day = %(day)s AND e.session = %(session)s
  AND (e.id > %(since)s OR e.at > %(recent)s) AND x.pupil_id IN (SELECT p.id {_MEMBERS})
  AND CASE WHEN x.code IS NULL THEN m.entry_id IS NULL ELSE m.entry_id = e.id END
ORDER BY x.pupil_id, e.id DESC
"""


_WAITING = f"""
SELECT DISTINCT ON (o.pupil_id) o.pupil_id, o.id, o.code, o.minutes_late, o.note, o.made_at, o.made_by_id, u.name
FROM registers_proposal o JOIN attendance_mis_user u ON u.id = o.made_by_id
WHERE o.school_id = %(school)s AND o.day = %(day)s AND o.session = %(session)s AND o.decided_at IS NULL
  AND o.pupil_id IN (SELECT p.id {_MEMBERS})
ORDER BY o.pupil_id, o.id DESC
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A mark as it stands, and the entry that made it."""

    code: Code | None
    version: int
    minutes_late: int | None
    note: str
    source: str
    by_name: str
    by_position: str
    by_id: int | None
    at: datetime

    @property
    def is_teachers(self) -> bool:
        """Whether it was made while taking the register, not entered by the office, a plan or a rule."""
        return self.source == Entry.Source.TEACHER

    def is_own_late(self, facts: RegisterFacts, user_id: int | None) -> bool:
        """Whether this person made it herself while taking the register after its close."""
        return self.is_teachers and self.by_id == user_id and self.at >= facts.closes_at


class Plan(NamedTuple):
    """What was known ahead of this pupil's session."""

    code: Code
    kind: str
    note: str
    noted_at: datetime
    noted_by: str


class Waiting(NamedTuple):
    """A mark somebody wanted that nobody has decided on yet: a clash, or a proposal to the office."""

    id: int
    code: Code
    minutes_late: int | None
    note: str
    made_at: datetime
    made_by_id: int
    made_by: str


@dataclass(frozen=True, slots=True)
class Row:
    """One pupil's line of the register."""

    pupil: PupilFacts
    forename: str
    surname: str
    is_vulnerable: bool
    plan: Plan | None
    mark: Standing | None
    waiting: Waiting | None
    entered_already: int | None = None  # the entry this save has made before
    before: Mapping[int, int] = field(default_factory=dict)  # code numbers of the days before, where asked for: `slot`

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"

    @property
    def version(self) -> int:
        return self.mark.version if self.mark else 0


class Head(NamedTuple):
    """The class and its register, and what this person is to it."""

    class_group_id: int
    class_name: str
    is_session: bool
    teaches: bool
    covers: bool
    teachers: str | None
    register_id: int | None
    opened_at: datetime | None
    sent_at: datetime | None
    sent_by: str | None
    sent_by_id: int | None
    is_late: bool
    cover_for: str
    days_back: list[date]  # the last school days before this one, newest first
    reminded_by: str | None = None  # who asked last for a register that is not in
    reminded_at: datetime | None = None

    @property
    def is_own(self) -> bool:
        return self.teaches or self.covers


@dataclass(frozen=True)
class ClassRegister:
    """The register of one class for one session, with the rows that were asked for."""

    school: School
    day: date
    session: Session
    head: Head
    rows: dict[int, Row]

    @cached_property
    def facts(self) -> RegisterFacts:
        """What the rules of taking read."""
        return RegisterFacts(
            self.day,
            self.session,
            self.head.is_session,
            register_times(self.school),
            self.school.zone,
            self.head.sent_at,
            {pupil_id: row.pupil for pupil_id, row in self.rows.items()},
        )

    @property
    def blank(self) -> list[Row]:
        """The pupils without a mark."""
        return [row for row in self.rows.values() if row.mark is None]


def head(school: School, class_group_id: int, day: date, session: Session, user_id: int) -> Head | None:
    """The class and its register as this person meets it, by one query; None where the school has no such class."""
    found = prepared.rows(_HEAD, _params(school, class_group_id, day, session) | {"user": user_id, "back": DAYS_BACK})
    return Head(*found[0]) if found else None


def class_register(
    school: School,
    head: Head,
    day: date,
    session: Session,
    only: Collection[int] | None = None,
    keys: Sequence[UUID] = (),
    *,
    with_days_before: bool = False,
) -> ClassRegister:
    """The register with its rows in the order of surnames, by one query.

    `only` leaves the other pupils out; `keys` are those of a save, to know what it has entered before.
    """
    first = (head.days_back or [day])[-1] if with_days_before else None
    found = prepared.rows(
        _ROWS,
        _params(school, head.class_group_id, day, session)
        | {"only": None if only is None else prepared.array(only), "keys": prepared.array(keys)}
        | {"weekday": 1 << day.weekday(), "first": first},
    )
    rows = sorted(map(_row, found), key=_by_name)
    return ClassRegister(school, day, session, head, {row.pupil.id: row for row in rows})


def slot(day: date, session: int, *, before: date) -> int:
    """How a session of `Row.before` is counted: back from the afternoon of the register's own day, which is 0."""
    return (before - day).days * 2 + Session.PM - session


def changes_since(register_head: Head, school: School, day: date, session: Session, since: int, now: datetime) -> Any:
    """What was entered for the class's pupils after the entry `since`, and stands: pupil id, mark (code None: blank).

    Also what was entered a moment ago, as an entry may come after one with a higher number; of an entry that only
    looks so recent, because a clock went back, nothing is told that does not stand.
    """
    found = prepared.rows(
        _CHANGES,
        _params(school, register_head.class_group_id, day, session) | {"since": since, "recent": now - LOOK_BACK},
    )
    return [(pupil_id, _standing(number, *rest)) for pupil_id, number, *rest in found]


def waiting(register: ClassRegister) -> list[tuple[int, Waiting]]:
    """The wishes for this register that nobody has decided on, with the pupil's id, by one query."""
    found = prepared.rows(
        _WAITING, _params(register.school, register.head.class_group_id, register.day, register.session)
    )
    return [(pupil_id, _waiting(*rest)) for pupil_id, *rest in found]


def school_days_around(school: School, day: date) -> tuple[date | None, date | None]:
    """The school day before this day and the one after it."""
    days = SchoolDay.objects.filter(school=school).aggregate(
        before=Max("day", filter=Q(day__lt=day)), after=Min("day", filter=Q(day__gt=day))
    )
    return days["before"], days["after"]


def _waiting(waiting_id: int, number: int, *rest: Any) -> Waiting:
    return Waiting(waiting_id, codes.by_number(number), *rest)


def _params(school: School, class_group_id: int, day: date, session: Session) -> dict[str, Any]:
    return {"school": school.pk, "class_group": class_group_id, "day": day, "session": int(session)}


def _standing(number: int | None, version: int, minutes: int | None, note: str | None, *entry: Any) -> Standing:
    return Standing(codes.by_number(number) if number else None, version, minutes, note or "", *entry)


def _by_name(row: Row) -> tuple[str, str, int]:
    return (_plain(row.surname), _plain(row.forename), row.pupil.id)


@lru_cache(maxsize=65536)
def _plain(name: str) -> str:
    """A name as it is looked up: É beside E. Not every PostgreSQL knows how to sort so."""
    return "".join(c for c in normalize("NFD", name.casefold()) if not combining(c))


def _row(found: tuple) -> Row:
    (pupil_id, forename, surname, since, until, vulnerable, entered_already, slots, numbers, *rest) = found
    plan, mark, waiting = rest[:5], rest[5:14], rest[14:]
    return Row(
        PupilFacts(pupil_id, since, until, plan[0], plan[1] or ""),
        forename,
        surname,
        vulnerable,
        Plan(codes.by_number(plan[0]), *plan[1:4], plan[4] or "") if plan[0] else None,  # type: ignore[call-arg]
        _standing(*mark) if mark[0] else None,
        _waiting(*waiting) if waiting[0] else None,
        entered_already,
        dict(zip(slots, numbers, strict=True)) if slots else {},
    )
