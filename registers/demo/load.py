"""Write the demonstration into an empty database: people one by one, the register by COPY."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from attendance_mis import audit, seals
from attendance_mis import demo as demo_trust
from attendance_mis.actions import Refused
from attendance_mis.actors import Actor
from attendance_mis.models import Membership, School, Trust, User
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from registers import ages
from registers.calendar_rules import academic_year_bounds, academic_year_of, school_days
from registers.demo import demo
from registers.demo.activities import class_of
from registers.demo.calendar import FIRST_YEAR
from registers.demo.codes import in_force_on
from registers.demo.demo import Demo
from registers.demo.people import Child, year_group
from registers.demo.schools import TRUST, TRUST_LEAD, Person
from registers.demo.taking import LONDON, Written
from registers.models import (
    CalendarEntry,
    ClassGroup,
    ClassMembership,
    Contact,
    Cover,
    PlannedAbsence,
    PolicyVersion,
    Pupil,
    Registration,
    SchoolDay,
    Teaching,
)

BY = Actor.system("load_demo")
POLICIES = {"990001": {"preset": "national"}, "990002": {"preset": "day-by-day"}}

# The marks are what the entries say: of each session the last word, as `verify_record` replays it.
_MARKS = """
INSERT INTO registers_mark (school_id, pupil_id, day, session, code, entry_id, minutes_late, note)
SELECT DISTINCT ON (x.pupil_id, e.day, e.session)
       e.school_id, x.pupil_id, e.day, e.session, x.code, e.id, x.minutes, x.note
FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils, e.codes, e.minutes, e.notes)
     AS x (pupil_id, code, minutes, note)
WHERE e.school_id = %s ORDER BY x.pupil_id, e.day, e.session, e.id DESC
"""


def load_demo(now: datetime | None = None) -> list[Demo]:
    """Write the demonstration trust as it stands now, all of it or nothing, and seal its logs.

    Raises Refused where any school is: a demonstration is never mixed with a real one, nor loaded twice.
    """
    if School.objects.exists():
        raise Refused(
            [
                "There is a school in this database, and the demonstration is for an empty one. To begin again after "
                "make run, stop it, remove the folder var and start it; elsewhere make a new database."
            ]
        )
    told = demo.make((now or timezone.now()).astimezone(LONDON))
    with transaction.atomic():
        trust = Trust.objects.create(name=TRUST)
        password = make_password(demo_trust.password())  # one hash for all: hashing forty times would take seconds
        _make_user(TRUST_LEAD, password, trust=trust)
        schools = [_Loading(each, trust, password) for each in told]
        for school in schools:
            school.load()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # as it stands, not as the empty tables of a minute ago
    for school in schools:
        seals.seal(school.school)
    return told


def _make_user(person: Person, password: str, **of: School | Trust) -> User:
    ended_at = datetime.combine(person.end, datetime.min.time(), LONDON) if person.end else None
    user = User.objects.create(email=person.email, name=person.name, password=password, is_active=person.end is None)
    Membership.objects.create(user=user, role=person.role, position=person.position, ended_at=ended_at, **of)
    return user


class _Loading:
    """One school on its way into the database."""

    def __init__(self, told: Demo, trust: Trust, password: str) -> None:
        self.told, self.trust, self.password = told, trust, password
        self.plan, self.now = told.school, told.taking.now
        self.users: dict[str, User] = {}
        self.classes: dict[str, ClassGroup] = {}
        self.pupils: dict[Child, Pupil] = {}

    def load(self) -> None:
        self.school = self._school()
        with acting_for(self.school):
            self._people()
            self._calendar()
            self._children()
            self._classes()
            self._plans()
            audit.pass_gate(self.school.pk)
            self._register()
            audit.record("load_demo", self.school, school_id=self.school.pk, by=BY, summary="Loaded the demonstration.")

    def _school(self) -> School:
        plan = self.plan
        staff = {role: name for role, name, _ in plan.staff}
        return School.objects.create(
            trust=self.trust,
            urn=plan.urn,
            laestab=f"{plan.la}{plan.estab}",
            name=plan.name,
            phase=School.Phase.PRIMARY,
            type=School.Type.ACADEMY,
            local_authority="Tower Hamlets",
            address=list(plan.address),
            postcode=plan.postcode,
            telephone=plan.telephone,
            email=plan.email("office"),
            headteacher=staff[Role.HEAD],
            attendance_contact=staff[Role.MANAGER],
            am_register=plan.am_register,
            am_closes=plan.am_closes,
            pm_register=plan.pm_register,
            pm_closes=plan.pm_closes,
            day_ends=plan.day_ends,
            parents_report_by=plan.parents_report_by,
            registers_due_by=plan.registers_due_by,
            is_demo=True,
            second_step=School.SecondStep.NOBODY,  # one click is to be enough; the banner says so
        )

    def _people(self) -> None:
        for person in self.plan.people():
            self.users[person.email] = _make_user(person, self.password, school=self.school)
        self.classes = {
            group.name: group
            for group in ClassGroup.objects.bulk_create(
                ClassGroup(school=self.school, name=name) for name in self.plan.class_names()
            )
        }
        Teaching.objects.bulk_create(
            Teaching(
                school=self.school,
                user=self.users[person.email],
                class_group=self.classes[person.class_name],
                start=person.start,
                end=person.end,
            )
            for person in self.plan.people()
            if person.class_name
        )

    def _calendar(self) -> None:
        periods = self.plan.periods(self.now.date())
        CalendarEntry.objects.bulk_create(
            CalendarEntry(
                school=self.school, start=p.start, end=p.end, kind=p.kind, label=p.label,
                session=p.session.name if p.session else "",
            )
            for p in periods
        )  # fmt: skip
        SchoolDay.objects.bulk_create(
            SchoolDay(
                school=self.school, day=d.day, am=d.am, pm=d.pm, half_term=d.half_term, academic_year=d.academic_year
            )
            for d in school_days(periods)
        )
        PolicyVersion.objects.create(
            school=self.school, document=POLICIES[self.plan.urn], changed_at=self.now, changed_by=str(BY.position)
        )

    def _children(self) -> None:
        children = self.told.children
        pupils = Pupil.objects.bulk_create(self._pupil(child) for child in children)
        self.pupils = dict(zip(children, pupils, strict=True))
        Registration.objects.bulk_create(
            Registration(
                school=self.school,
                pupil=pupil,
                admission_date=child.admission,
                leaving_date=child.leaving,
                leaving_ground=child.ground,
                destination=child.destination,
                last_school=child.last_school,
            )
            for child, pupil in self.pupils.items()
        )
        Contact.objects.bulk_create(
            contact for child, pupil in self.pupils.items() for contact in self._contacts(child, pupil)
        )

    def _pupil(self, child: Child) -> Pupil:
        compulsory_from, compulsory_until = ages.compulsory_school_age(child.date_of_birth)
        # Who leaves on 31 August leaves from the class of the year before.
        last_year = academic_year_of(child.leaving - timedelta(31) if child.leaving else self.now.date())
        return Pupil(
            school=self.school,
            upn=child.upn,
            legal_surname=child.surname,
            legal_forename=child.forename,
            middle_names=child.middle_names,
            preferred_forename=child.preferred_forename,
            date_of_birth=child.date_of_birth,
            compulsory_from=compulsory_from,
            compulsory_until=compulsory_until,
            sex=child.sex,
            year_group=year_group(min(6, child.year_index(last_year))),
            changed_at=self.now,
            **child.facts,
        )

    def _contacts(self, child: Child, pupil: Pupil) -> Iterator[Contact]:
        for priority, adult in enumerate(child.family.adults if child.has_contacts else [], start=1):
            yield Contact(
                school=self.school,
                pupil=pupil,
                priority=priority,
                title=adult.title,
                forename=adult.forename,
                surname=adult.surname,
                relationship=adult.relationship,
                parental_responsibility=adult.parental_responsibility,
                lives_with_pupil=adult.lives_with_pupil,
                address_1=adult.address,
                town="London",
                postcode=adult.postcode,
                mobile=adult.mobile,
                home_phone=adult.home_phone,
                work_phone=adult.work_phone,
                email=adult.email,
                receives_letters=adult.receives_letters,
                language=adult.language,
                notes=adult.notes,
            )

    def _classes(self) -> None:
        """One spell in a class for each academic year, from 1 August to 31 July."""
        rows, this_year = [], academic_year_of(self.now.date())
        for child, pupil in self.pupils.items():
            until = child.leaving or date.max
            for year in range(
                max(FIRST_YEAR, academic_year_of(child.admission)), academic_year_of(self.now.date()) + 1
            ):
                first, last = academic_year_bounds(year)
                index, start = child.year_index(year), max(first, child.admission)
                if index > 6 or until < date(year, 9, 1):
                    continue
                is_last = until <= date(year + 1, 8, 31) or index == 6 or year == this_year
                end = None if is_last and until == date.max else until if is_last else last
                rows.append(
                    ClassMembership(
                        school=self.school,
                        pupil=pupil,
                        class_group=self.classes[class_of(self.plan, child, year)],
                        start=start,
                        end=end,
                        year_group="" if is_last else year_group(index),  # the pupil's own
                    )
                )
        ClassMembership.objects.bulk_create(rows)

    def _plans(self) -> None:
        office, head = self.users[self.plan.email("office")], self.users[self.plan.email("head")]
        PlannedAbsence.objects.bulk_create(
            PlannedAbsence(
                school=self.school,
                pupil=self.pupils[planned.child],
                kind=planned.kind,
                start=planned.start,
                end=planned.end,
                weekdays=planned.weekdays,
                only_session=planned.only_session,
                code=planned.code,
                note=planned.note,
                review_on=planned.review_on,
                noted_at=min(self.now, datetime.combine(planned.start, datetime.min.time(), LONDON))
                - timedelta(days=3),
                noted_by=head if planned.kind in ("leave", "part_time", "exclusion") else office,
            )
            for planned in self.told.stories.planned
        )
        covers = {
            (taken.class_name, self._day(taken.index)): taken for taken in self.told.taking.taken if taken.cover_for
        }
        Cover.objects.bulk_create(
            Cover(
                school=self.school,
                user=self.users[taken.by.email],
                class_group=self.classes[name],
                day=day,
                noted_by=office.name,
                noted_at=taken.opened_at - timedelta(minutes=30),
            )
            for (name, day), taken in covers.items()
        )

    def _register(self) -> None:
        written = self.told.taking.written
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('registers_entry_id_seq') FROM generate_series(1, %s)", [len(written)])
            ids = [row[0] for row in cursor.fetchall()]
            _copy(
                cursor, "registers_entry", ENTRY, (self._entry(i, each) for i, each in zip(ids, written, strict=True))
            )
            _copy(cursor, "registers_amendment", AMENDMENT, self._amendments(ids, written))
            _copy(cursor, "registers_register", REGISTER, self._registers())
            cursor.execute("SET LOCAL work_mem = '128MB'")
            cursor.execute(_MARKS, [self.school.pk])

    def _day(self, index: int) -> date:
        return self.told.grid.days[index]

    def _entry(self, entry_id: int, each: Written) -> tuple[Any, ...]:
        day, session = self.told.grid.sessions[each.index]
        minutes = [each.minutes.get(child) for child in each.children] if each.minutes else None
        notes = [each.notes.get(child) for child in each.children] if each.notes else None
        codes = _array(in_force_on(day, code) for code in each.codes)
        pupils = _array(self.pupils[child].pk for child in each.children)
        who = (self.users[each.by.email].pk, each.by.name, each.by.position)
        return (
            entry_id,
            self.school.pk,
            day,
            int(session),
            each.at,
            each.at,
            *who,
            each.source,
            pupils,
            codes,
            minutes,
            notes,
        )

    def _amendments(self, ids: list[int], written: list[Written]) -> Iterator[tuple[Any, ...]]:
        for entry_id, each in zip(ids, written, strict=True):
            if each.original is None:
                continue
            day, session = self.told.grid.sessions[each.index]
            (child,), (code,) = each.children, each.codes
            numbers = in_force_on(day, each.original), in_force_on(day, code)
            who = (self.users[each.by.email].pk, each.by.name, each.by.position)
            yield (
                self.school.pk, self.pupils[child].pk, day, int(session), *numbers, "", each.notes.get(child, ""),
                each.reason, each.at, *who, entry_id,
            )  # fmt: skip

    def _registers(self) -> Iterator[tuple[Any, ...]]:
        for each in self.told.taking.taken:
            day, session = self.told.grid.sessions[each.index]
            by = self.users[each.by.email].pk
            yield (
                self.school.pk, self.classes[each.class_name].pk, day, int(session), each.opened_at, by,
                each.sent_at, by if each.sent_at else None, each.is_late, each.cover_for,
            )  # fmt: skip


ENTRY = "id, school_id, day, session, at, made_at, by_id, by_name, by_position, source, pupils, codes, minutes, notes"
AMENDMENT = (
    "school_id, pupil_id, day, session, original, amended, original_note, amended_note, reason, at, by_id, by_name, "
    "by_position, entry_id"
)
REGISTER = "school_id, class_group_id, day, session, opened_at, opened_by_id, sent_at, sent_by_id, is_late, cover_for"


def _array(numbers: Iterable[int]) -> str:
    """An array as COPY reads it; four times as fast as adapting a list."""
    return f"{{{','.join(map(str, numbers))}}}"


def _copy(cursor: Any, table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
