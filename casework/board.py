"""The office's day on one page: registers that have not come in, children without a reason, late, out, planned.

Five queries whatever the size of the school. The page is refreshed every few seconds in every office: `stamp` says
by one query whether there is anything new, and offices that may do the same share one drawing of it.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from attendance_mis import prepared
from attendance_mis.models import School
from attendance_mis.promises import promised
from casework.accounting import Chase, Count, chase
from casework.models import ContactRecord
from letters.models import Message
from registers import codes
from registers.calendar_rules import Session
from registers.class_register import DAYS_BACK
from registers.codes import Code
from registers.day_registers import ClassDay, SessionRegister, class_days
from registers.models import Crossing, PlannedAbsence

_HERE = """
WITH here AS MATERIALIZED (
  SELECT c.class_group_id, c.pupil_id FROM registers_classmembership c
  WHERE c.school_id = %(school)s AND c.start <= %(day)s AND (c.end IS NULL OR c.end >= %(day)s)
    AND EXISTS (SELECT FROM registers_registration o WHERE o.school_id = %(school)s AND o.pupil_id = c.pupil_id
                AND o.admission_date <= %(day)s AND (o.leaving_date IS NULL OR o.leaving_date >= %(day)s))),
crossing AS MATERIALIZED (
  SELECT DISTINCT ON (pupil_id) * FROM registers_crossing
  WHERE school_id = %(school)s AND day = %(day)s ORDER BY pupil_id, at DESC, id DESC),
answered AS MATERIALIZED (
  SELECT * FROM casework_accountedfor WHERE school_id = %(school)s AND day = %(day)s AND session = %(session)s)
"""

# What the school has to know of a child today: N in either session, late, a coming or going, a wish to decide.
_CHILDREN = f"""
{_HERE},
today AS MATERIALIZED (
  SELECT m.pupil_id, m.session, m.code, m.minutes_late, m.note, m.entry_id FROM here h
  JOIN registers_mark m ON m.school_id = %(school)s AND m.pupil_id = h.pupil_id AND m.day = %(day)s
  WHERE m.code = ANY(%(notable)s)),
waiting AS (
  SELECT pupil_id, count(*) FROM registers_proposal
  WHERE school_id = %(school)s AND day = %(day)s AND decided_at IS NULL GROUP BY 1),
told AS MATERIALIZED (
  SELECT DISTINCT ON (pupil_id) pupil_id, proposed, words, who FROM casework_absencereport
  WHERE school_id = %(school)s AND decided IS NULL AND undone_at IS NULL AND start <= %(day)s AND "end" >= %(day)s
  ORDER BY pupil_id, id DESC),
tried AS MATERIALIZED (
  SELECT id, pupil_id, at, kind, outcome, step, by_name, message_id FROM casework_contactrecord
  WHERE school_id = %(school)s AND day = %(day)s),
rung AS MATERIALIZED (
  SELECT DISTINCT ON (t.pupil_id) t.*, m.status FROM tried t
  LEFT JOIN letters_message m ON m.school_id = %(school)s AND m.id = t.message_id
  ORDER BY t.pupil_id, t.at DESC, t.id DESC),
replied AS MATERIALIZED (
  SELECT DISTINCT ON (t.pupil_id) t.pupil_id, y.id, y.text FROM tried t
  JOIN letters_reply y ON y.school_id = %(school)s AND y.message_id = t.message_id
  ORDER BY t.pupil_id, y.at DESC, y.id DESC),
wanted AS (SELECT pupil_id FROM today UNION SELECT pupil_id FROM crossing UNION SELECT pupil_id FROM waiting
           UNION SELECT pupil_id FROM told)
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename),
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname) AS surname, h.class_group_id, g.name,
       coalesce(p.vulnerable, false) OR coalesce(p.child_protection, false) OR coalesce(p.looked_after, false)
         OR p.social_worker <> '',
       am.code, am.minutes_late, am.note, pm.code, pm.minutes_late, pm.note,
       x.id, x.direction, x.at, x.why, x.note, x.expected_back, a.reason, a.by_name, waiting.count,
       told.proposed, told.words, told.who, rung.at, rung.kind, rung.outcome, rung.step, rung.status, rung.by_name,
       replied.id, replied.text
FROM wanted w JOIN here h USING (pupil_id)
JOIN registers_pupil p ON p.school_id = %(school)s AND p.id = w.pupil_id
JOIN registers_classgroup g ON g.id = h.class_group_id
LEFT JOIN today am ON am.pupil_id = p.id AND am.session = 1
LEFT JOIN today pm ON pm.pupil_id = p.id AND pm.session = 2
LEFT JOIN crossing x ON x.pupil_id = p.id
LEFT JOIN answered a ON a.pupil_id = p.id
LEFT JOIN waiting ON waiting.pupil_id = p.id
LEFT JOIN told ON told.pupil_id = p.id
LEFT JOIN rung ON rung.pupil_id = p.id
LEFT JOIN replied ON replied.pupil_id = p.id
ORDER BY surname, 2, p.id
"""

# Children without a mark of the session, a plan that covers it, a way out or a person who answers for them.
_BLANK = f"""
{_HERE}
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename),
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname) AS surname, h.class_group_id
FROM here h JOIN registers_pupil p ON p.school_id = %(school)s AND p.id = h.pupil_id
WHERE h.class_group_id = ANY(%(classes)s::bigint[])
  AND NOT EXISTS (SELECT FROM registers_mark m WHERE m.school_id = %(school)s AND m.pupil_id = h.pupil_id
                  AND m.day = %(day)s AND m.session = %(session)s)
  AND NOT EXISTS (SELECT FROM answered a WHERE a.pupil_id = h.pupil_id)
  AND NOT EXISTS (SELECT FROM crossing x WHERE x.pupil_id = h.pupil_id
                  AND (x.direction = 'out' OR x.at >= %(opens)s))
  AND NOT EXISTS (
    SELECT FROM registers_plannedabsence a
    WHERE a.school_id = %(school)s AND a.pupil_id = h.pupil_id AND a.cancelled_at IS NULL
      AND a.end >= %(day)s AND a.start <= %(day)s
      AND (%(day)s, %(session)s::int) BETWEEN (a.start, a.start_session) AND (a.end, a.end_session)
      AND a.weekdays & %(weekday)s::int <> 0 AND coalesce(a.only_session, %(session)s::int) = %(session)s::int)
ORDER BY h.class_group_id, surname, 2
"""

_PLANNED = """
SELECT p.id, coalesce(nullif(p.preferred_forename, ''), p.legal_forename),
       coalesce(nullif(p.preferred_surname, ''), p.legal_surname) AS surname, a.id, a.kind, a.code, a.note,
       a.start = %(day)s, a.end = %(day)s
FROM registers_plannedabsence a JOIN registers_pupil p ON p.school_id = a.school_id AND p.id = a.pupil_id
WHERE a.school_id = %(school)s AND a.cancelled_at IS NULL AND a.end >= %(day)s AND a.start <= %(day)s
  AND (a.start = %(day)s OR a.end = %(day)s)
ORDER BY a.kind, a.code, a.note, surname, 2
"""

# What stands beside the lists: reminders of the session by class, its closing, and registers of earlier days.
_BESIDE = """
SELECT
  (SELECT json_agg(json_build_array(class_group_id, at, by_name, mailed_to, fault) ORDER BY at) FROM registers_reminder
   WHERE school_id = %(school)s AND day = %(day)s AND session = %(session)s),
  c.closed_at, u.name,
  (SELECT count(*) FROM registers_register r WHERE r.school_id = %(school)s AND r.day < %(day)s
     AND r.day >= %(since)s AND r.sent_at IS NULL)
FROM (SELECT) AS one
LEFT JOIN casework_sessionclose c ON c.school_id = %(school)s AND c.day = %(day)s AND c.session = %(session)s
LEFT JOIN attendance_mis_user u ON u.id = c.closed_by_id
"""
# Moves whenever something the board shows was written; what it does not watch (a teacher's name, what became of a text)
# is a minute late.
_STAMP = """
SELECT md5(ROW(
  (SELECT max(id) FROM registers_entry WHERE school_id = %(school)s AND day = %(day)s),
  (SELECT max(id) FROM registers_crossing WHERE school_id = %(school)s AND day = %(day)s),
  (SELECT ROW(max(id), max(mailed_at), max(fault)) FROM registers_reminder
   WHERE school_id = %(school)s AND day = %(day)s),
  (SELECT ROW(count(*), max(opened_at), count(sent_at), max(received_at)) FROM registers_register
   WHERE school_id = %(school)s AND day = %(day)s),
  (SELECT ROW(max(id), count(*)) FROM registers_proposal
   WHERE school_id = %(school)s AND day = %(day)s AND decided_at IS NULL),
  (SELECT ROW(max(id), count(*)) FROM registers_plannedabsence
   WHERE school_id = %(school)s AND cancelled_at IS NULL AND "end" >= %(day)s AND start <= %(day)s),
  (SELECT max(id) FROM casework_contactrecord WHERE school_id = %(school)s),
  (SELECT ROW(max(id), count(*)) FROM casework_absencereport
   WHERE school_id = %(school)s AND decided IS NULL AND undone_at IS NULL AND start <= %(day)s),
  (SELECT ROW(max(id), count(*)) FROM casework_accountedfor WHERE school_id = %(school)s AND day = %(day)s),
  (SELECT count(*) FROM casework_sessionclose WHERE school_id = %(school)s AND day = %(day)s),
  (SELECT max(changed_at) FROM registers_pupil WHERE school_id = %(school)s))::text)
"""
NOTABLE = sorted(codes.NO_REASON | codes.LATE | codes.numbers_of("U"))


class Marked(NamedTuple):
    """A notable mark of one session."""

    code: Code
    minutes_late: int | None
    note: str


class Report(NamedTuple):
    """What a family said, with the code proposed for it, before anybody has decided."""

    code: Code
    words: str
    who: str


class Rung(NamedTuple):
    """The last try today to reach the family, or what was decided after it."""

    at: datetime
    said: str
    by_name: str
    has_failed: bool


class Answer(NamedTuple):
    """What a family wrote back to a text of today."""

    key: str  # its number as it stands in an address
    words: str


@dataclass(frozen=True, slots=True)
class Child:
    """One child the office has to know of today."""

    pupil_id: int
    forename: str
    surname: str
    class_group_id: int
    class_name: str
    is_vulnerable: bool
    am: Marked | None
    pm: Marked | None
    crossing_id: int | None
    is_out: bool
    crossed_at: datetime | None
    crossed_why: str
    crossed_note: str
    expected_back: Any
    answer: str
    answered_by: str
    waiting: int
    report: Report | None = None
    rung: Rung | None = None
    reply: Answer | None = None

    @property
    def key(self) -> str:
        """The pupil's number as it stands in an address: a number in a template would be written the local way."""
        return str(self.pupil_id)

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"

    def mark(self, session: Session) -> Marked | None:
        return self.am if session is Session.AM else self.pm

    def lacks_reason(self, session: Session) -> bool:
        mark = self.mark(session)
        return mark is not None and mark.code.letter == "N"

    @property
    def unexplained(self) -> list[Marked]:
        """The N marks of today."""
        return [mark for mark in (self.am, self.pm) if mark and mark.code.letter == "N"]

    @property
    def late(self) -> Marked | None:
        return next((mark for mark in (self.pm, self.am) if mark and mark.code.letter in ("L", "U")), None)

    @property
    def told(self) -> str:
        """What the teacher heard about an absence without a reason."""
        return next((mark.note for mark in self.unexplained if mark.note), "")

    @property
    def is_to_confirm(self) -> bool:
        return bool(self.report or self.waiting or self.told or (self.reply and self.unexplained))

    @property
    def asked_session(self) -> Session:
        """The session whose reason is asked for first."""
        return Session.AM if self.am and self.am.code.letter == "N" else Session.PM

    def is_accounted_for(self, session: Session) -> bool:
        return bool(self.answer) or self.is_out or not self.lacks_reason(session)


class Blank(NamedTuple):
    """A child of whom nothing is known in a session whose register was due."""

    pupil_id: int
    forename: str
    surname: str
    class_group_id: int

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


class Planned(NamedTuple):
    """A planned absence that begins or ends today."""

    pupil_id: int
    forename: str
    surname: str
    plan_id: int
    kind: str
    code: int
    note: str
    starts: bool
    ends: bool

    @property
    def name(self) -> str:
        return f"{self.forename} {self.surname}"


@dataclass(frozen=True, slots=True)
class PlannedGroup:
    """One plan of one child or of many: a trip is one line."""

    label: str
    code: Code
    note: str
    starts: bool
    ends: bool
    children: list[Planned]


@dataclass(frozen=True, slots=True)
class Reminded:
    """The last reminder of a register."""

    at: datetime
    by_name: str
    mailed_to: str
    fault: str


@dataclass(frozen=True, slots=True)
class ToChase:
    """A register that is not in."""

    group: ClassDay
    register: SessionRegister
    state: Chase
    minutes_overdue: int
    reminded: Reminded | None


@dataclass(frozen=True)
class Board:
    """What the page shows at one moment."""

    school: School
    day: date
    session: Session
    now: datetime
    is_school_day: bool
    due_at: datetime
    opens_at: datetime
    registers: list[ToChase]
    sent: int
    expected: int
    children: list[Child]
    blanks: list[Blank]
    planned: list[PlannedGroup]
    closed_at: datetime | None
    closed_by: str
    left_open: int  # registers of the last days that somebody opened and nobody sent

    @cached_property
    def not_accounted_for(self) -> list[Child]:
        """Children with N nobody answers for, the vulnerable first."""
        found = [child for child in self.children if not child.is_accounted_for(self.session)]
        return sorted(found, key=lambda child: not child.is_vulnerable)

    @cached_property
    def count(self) -> Count:
        return Count(len(self.not_accounted_for), len(self.blanks))

    @cached_property
    def without_reason(self) -> list[Child]:
        """Children with N today of whom nobody has said anything yet, the vulnerable first."""
        found = [c for c in self.children if c.unexplained and not c.is_to_confirm]
        return sorted(found, key=lambda child: not child.is_vulnerable)

    @cached_property
    def to_confirm(self) -> list[Child]:
        """A reason has been heard, or another mark is wished for; the office decides."""
        return [c for c in self.children if c.is_to_confirm]

    @cached_property
    def late(self) -> list[Child]:
        found = [child for child in self.children if child.late]
        return sorted(found, key=lambda child: -(child.late.minutes_late or 0))

    @cached_property
    def signed_out(self) -> list[Child]:
        return sorted((child for child in self.children if child.is_out), key=lambda child: promised(child.crossed_at))

    @property
    def fingerprint(self) -> str:
        """Changes whenever the page would look different."""
        parts = (self.session, self.registers, self.sent, self.children, self.blanks, self.planned, self.closed_at)
        return hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()


def stamp(school: School, day: date) -> str:
    """What the board of this day rests on, as a short text; by one query, so that a refresh costs next to nothing."""
    [(found,)] = prepared.rows(_STAMP, {"school": school.pk, "day": day})
    return str(found)


def due_at(school: School, day: date, session: Session) -> datetime:
    """When the office asks for the registers of a session: the school's own time in the morning, else the close."""
    closes = school.am_closes if session is Session.AM else school.pm_closes
    if session is Session.AM and school.registers_due_by and school.am_register <= school.registers_due_by < closes:
        closes = school.registers_due_by
    return datetime.combine(day, closes, tzinfo=school.zone)


def board(school: School, session: Session, now: datetime) -> Board:
    """The board of today and one session."""
    day, zone = now.date(), school.zone
    opens = school.am_register if session is Session.AM else school.pm_register
    opens_at = datetime.combine(day, opens, tzinfo=zone)
    due = due_at(school, day, session)
    classes = class_days(school, day, now=now, user_id=0)
    here = [(each, register) for each in classes for register in each.registers if register.session is session]
    held = [(each, register) for each, register in here if register.stage.name != "NO_SESSION"]
    states = {each.class_group_id: chase(register.stage, due, now) for each, register in held}
    is_due = [
        each.class_group_id
        for each, register in held
        if register.marked < register.pupils and (states[each.class_group_id] is Chase.OVERDUE or register.sent_at)
    ]
    params = {
        "school": school.pk, "day": day, "session": int(session), "weekday": 1 << day.weekday(), "notable": NOTABLE,
        "classes": is_due, "opens": opens_at, "since": day - timedelta(DAYS_BACK),
    }  # fmt: skip
    [(reminders, closed_at, closed_by, left_open)] = prepared.rows(_BESIDE, params)
    children = [_child(row, zone) for row in prepared.rows(_CHILDREN, params)]
    blanks = [Blank(*row) for row in prepared.rows(_BLANK, params)] if is_due else []
    planned = _grouped(Planned(*row) for row in prepared.rows(_PLANNED, params))
    last = {
        group: Reminded(datetime.fromisoformat(at).astimezone(zone), by, to, fault)
        for group, at, by, to, fault in reminders or []
    }
    late = max(0, int((now - due).total_seconds()) // 60)
    return Board(
        school, day, session, now, bool(held), due, opens_at,
        [
            ToChase(each, register, states[each.class_group_id], late, last.get(each.class_group_id))
            for each, register in held if states[each.class_group_id] is not Chase.IN
        ],
        sum(register.sent_at is not None for _, register in held), len(held),
        children, blanks, planned, closed_at and closed_at.astimezone(zone), closed_by or "", left_open,
    )  # fmt: skip


def _child(row: tuple, zone: Any) -> Child:
    (
        pupil_id, forename, surname, group_id, group, is_vulnerable, am, am_minutes, am_note, pm, pm_minutes, pm_note,
        crossing_id, direction, at, why, note, back, answer, answered_by, waiting, proposed, words, who, rung_at, kind,
        outcome, step, status, rung_by, reply_id, reply,
    ) = row  # fmt: skip
    return Child(
        pupil_id, forename, surname, group_id, group, is_vulnerable,
        Marked(codes.by_number(am), am_minutes, am_note or "") if am else None,
        Marked(codes.by_number(pm), pm_minutes, pm_note or "") if pm else None,
        crossing_id, direction == Crossing.Direction.OUT, at and at.astimezone(zone),
        Crossing.Why(why).label if why else "", note or "", back, answer or "", answered_by or "", waiting or 0,
        Report(codes.by_number(proposed), words, who) if proposed else None,
        Rung(rung_at.astimezone(zone), _came_of(kind, outcome, step, status), rung_by, status == Message.Status.FAILED)
        if rung_at else None,
        Answer(str(reply_id), reply) if reply_id else None,
    )  # fmt: skip


def _came_of(kind: str, outcome: str, step: str, status: str | None) -> str:
    """What came of a try to reach the family, in a few words."""
    if step:
        return ContactRecord.Step(step).label
    if outcome:
        return ContactRecord.Outcome(outcome).label
    name = ContactRecord.Kind(kind).label
    return f"{name}: {Message.Status(status).label.lower()}" if status else name


def _grouped(rows: Iterable[Planned]) -> list[PlannedGroup]:
    groups: dict[tuple, PlannedGroup] = {}
    for row in rows:
        group = groups.setdefault(
            (row.kind, row.code, row.note, row.starts, row.ends),
            PlannedGroup(
                PlannedAbsence.Kind(row.kind).label, codes.by_number(row.code), row.note, row.starts, row.ends, []
            ),
        )
        group.children.append(row)
    return list(groups.values())
