"""Today's children without a reason, by family, with whom to ring, what was tried, and what the policy says is next.

A constant number of queries, however many children are missing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import connection

from attendance_mis import clock
from attendance_mis.models import School
from casework.first_day import Person, Try, families, is_exhausted, need_first, next_to_ring, waited, waiting_since
from casework.ladders import Ladder, Step
from casework.measures import Measures
from casework.models import AbsenceReport, ContactRecord
from casework.policies import policy_on
from casework.querysets.measures import unexplained_days
from letters.models import Message
from letters.sending_rules import digits
from registers import codes
from registers.calendar_rules import Session
from registers.facts import register_times
from registers.models import Contact, Pupil
from registers.siblings import siblings_of
from registers.taking import RegisterFacts

MEASURE = "unexplained_days_in_a_row"

# The first session of the day still without a reason, and whether a later mark says that the child has come.
_MISSING = """
SELECT DISTINCT ON (m.pupil_id) m.pupil_id, m.session, coalesce(g.name, ''), r.sent_at,
       EXISTS (SELECT FROM registers_mark l WHERE l.school_id = m.school_id AND l.pupil_id = m.pupil_id
               AND l.day = m.day AND l.session > m.session AND l.code = ANY(%(here)s))
FROM registers_mark m
LEFT JOIN registers_classmembership c ON c.school_id = m.school_id AND c.pupil_id = m.pupil_id
     AND m.day BETWEEN c.start AND coalesce(c."end", 'infinity')
LEFT JOIN registers_classgroup g ON g.id = c.class_group_id
LEFT JOIN registers_register r ON r.school_id = m.school_id AND r.class_group_id = c.class_group_id
     AND r.day = m.day AND r.session = m.session
WHERE m.school_id = %(school)s AND m.day = %(day)s AND m.code = ANY(%(no_reason)s)
ORDER BY m.pupil_id, m.session
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """One child without a reason, and since when somebody has had to ask."""

    pupil: Pupil
    class_name: str
    session: Session
    since: datetime | None
    has_come: bool
    days: int
    step: Step | None
    report: AbsenceReport | None


@dataclass(slots=True)
class Reachable:
    """A person to ring about the children of one family, with what came of it today."""

    person: Person
    contact: Contact
    records: list[ContactRecord] = field(default_factory=list)
    is_next: bool = False
    way: str = ""  # how she can be written to now: text or email; the view knows

    @property
    def was_written_to(self) -> bool:
        """Whether a message of today is on its way to her, or has come."""
        over = (Message.Status.FAILED, Message.Status.CANCELLED)
        return any(record.message and record.message.status not in over for record in self.records)


@dataclass(slots=True)
class Family:
    """Children who are rung about together."""

    children: list[Missing]
    people: list[Reachable]
    records: list[ContactRecord]
    now: datetime

    @property
    def key(self) -> int:
        """The child by whom the family stands on the page."""
        return min(child.pupil.pk for child in self.children)

    @property
    def pupils(self) -> list[Pupil]:
        return [child.pupil for child in self.children]

    @property
    def is_watched(self) -> bool:
        return any(child.pupil.needs_watching for child in self.children)

    @property
    def tries(self) -> list[Try]:
        return [Try(r.contact_id, r.outcome) for r in reversed(self.records) if r.outcome]

    @property
    def is_reached(self) -> bool:
        return any(record.outcome == ContactRecord.Outcome.ANSWERED for record in self.records)

    @property
    def is_exhausted(self) -> bool:
        return is_exhausted([each.person for each in self.people], self.tries)

    @property
    def since(self) -> datetime | None:
        return min((child.since for child in self.children if child.since), default=None)

    @property
    def minutes(self) -> int | None:
        """Since the first register said so; None while it is still open."""
        return int(waited(self.since, self.now) / timedelta(minutes=1)) if self.since else None

    @property
    def decisions(self) -> list[ContactRecord]:
        """What was decided today, newest first."""
        return [record for record in self.records if record.kind == ContactRecord.Kind.DECISION]

    @property
    def others(self) -> list[ContactRecord]:
        """Today's contacts with somebody who is not on the list of contacts."""
        return [r for r in self.records if not r.contact_id and r.kind != ContactRecord.Kind.DECISION]

    @property
    def last_id(self) -> int:
        """The newest record: two pages that show the same have the same."""
        return max((record.pk for record in self.records), default=0)

    @property
    def step(self) -> Step | None:
        """The policy's step of the child who has been missing longest."""
        return max(self.children, key=lambda child: child.days).step

    @property
    def days(self) -> int:
        return max(child.days for child in self.children)


def families_missing(school: School) -> list[Family]:
    """Today's families with a child without a reason, those who need it first on top."""
    now, today = clock.now(school), clock.today(school)
    siblings = siblings_of(school)
    missing = _missing(school, today, now)
    contacts: dict[int, list[Contact]] = defaultdict(list)
    for contact in Contact.objects.filter(pupil__in=missing).order_by("priority"):
        contacts[contact.pupil_id].append(contact)
    records: dict[int, list[ContactRecord]] = defaultdict(list)
    today_s = ContactRecord.objects.standing().filter(pupil__in=missing, day=today)
    for record in today_s.select_related("message").prefetch_related("message__replies"):
        records[record.pupil_id].append(record)
    found = [_family([missing[pk] for pk in family], contacts, records, now) for family in families(missing, siblings)]
    return sorted(found, key=_order)


def _order(family: Family) -> tuple[bool, bool, timedelta, str]:
    return (
        *need_first(
            watched=family.is_watched,
            in_school=all(child.has_come for child in family.children),
            waited=waited(family.since, family.now) if family.since else timedelta(),
        ),
        family.children[0].pupil.surname,
    )


def _missing(school: School, today: date, now: datetime) -> dict[int, Missing]:
    with connection.cursor() as cursor:
        cursor.execute(
            _MISSING,
            {
                "school": school.pk,
                "day": today,
                "no_reason": sorted(codes.NO_REASON),
                "here": sorted(codes.ATTENDED),
            },
        )
        rows = cursor.fetchall()
    pupils = Pupil.objects.in_bulk([row[0] for row in rows])
    days = unexplained_days(school, today, pupils)
    ladder = ladder_of(school, today)
    reports = {report.pupil_id: report for report in AbsenceReport.objects.of_day(today).filter(pupil__in=pupils)}
    found = {}
    for pk, session, class_name, sent_at, has_come in rows:
        register = RegisterFacts(
            today, Session(session), is_session=True, times=register_times(school), zone=school.zone, sent_at=sent_at,
            pupils={},
        )  # fmt: skip
        pupil = pupils[pk]
        found[pk] = Missing(
            pupil=pupil,
            class_name=class_name,
            session=Session(session),
            since=waiting_since(sent_at, register.closes_at, now),
            has_come=has_come,
            days=days.get(pk, 0),
            step=step_of(ladder, days.get(pk, 0), watched=pupil.needs_watching),
            report=reports.get(pk),
        )
    return found


def ladder_of(school: School, today: date) -> Ladder | None:
    """The ladder of days without a reason in the policy in force."""
    return next((ladder for ladder in policy_on(school, today).ladders if ladder.measure == MEASURE), None)


def step_of(ladder: Ladder | None, days: int, *, watched: bool) -> Step | None:
    """The step for so many days in a row without a reason."""
    index = ladder.in_force(Measures(unexplained_days=days), vulnerable=watched) if ladder else None
    return ladder.steps[index] if index is not None else None


def _family(
    children: list[Missing], contacts: dict[int, list[Contact]], records: dict[int, list[ContactRecord]], now: datetime
) -> Family:
    """Today's records of all the children, a call about several of them once."""
    mine = {record.together: record for child in children for record in records[child.pupil.pk]}
    told = sorted(mine.values(), key=lambda record: (record.at, record.pk), reverse=True)
    people = people_of([contact for child in children for contact in contacts[child.pupil.pk]])
    family = Family(children, people, told, now)
    nearest = next_to_ring([each.person for each in people], family.tries)
    for each in people:
        each.records = [record for record in told if record.contact_id in each.person.contact_ids]
        each.is_next = each.person is nearest
    return family


def people_of(contacts: Iterable[Contact]) -> list[Reachable]:
    """The people behind contacts of brothers and sisters, each once, in order of priority."""
    of_person: dict[str, list[Contact]] = {}
    for contact in contacts:
        of_person.setdefault(_known_by(contact), []).append(contact)
    people = [
        Reachable(
            Person(
                contact_ids=tuple(each.pk for each in same),
                priority=min(each.priority for each in same),
                numbers=tuple(same[0].numbers),
            ),
            same[0],
        )
        for same in of_person.values()
    ]
    return sorted(people, key=lambda each: each.person.priority)


def _known_by(contact: Contact) -> str:
    """The same person of two children: one first name, reached the same way. Surnames may differ."""
    way = digits(contact.mobile) or contact.email.strip().lower() or digits(contact.home_phone)
    return f"{contact.forename.lower()}|{way or contact.surname.lower()}"


def first_to_text(people: Sequence[Reachable]) -> list[Reachable]:
    """Those a text or an e-mail may go to, parents first: with parental responsibility, then by priority."""
    return sorted(people, key=lambda each: (not each.contact.parental_responsibility, each.person.priority))
