"""Rows for tests, made by factory-boy: invented people only. Use them inside `acting_for(school)`."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import factory
from django.db import connection
from factory.django import DjangoModelFactory

from attendance_mis.actors import Actor
from attendance_mis.models import Membership, School, Token, Trust, User
from attendance_mis.permissions import Role
from registers import ages, calendar_rules, upn
from registers.codes import code_for
from registers.models import (
    ClassGroup,
    ClassMembership,
    Contact,
    Crossing,
    PlannedAbsence,
    Proposal,
    Pupil,
    Registration,
)

LONDON = ZoneInfo("Europe/London")

SURNAMES = [
    "Ahmed",
    "Begum",
    "Chowdhury",
    "Okafor",
    "Kowalska",
    "Nguyen",
    "Williams",
    "Hussain",
    "Oyelaran",
    "Silva",
    "Taylor",
    "Jones",
    "Yusuf",
    "Patel",
]
FORENAMES = tuple(
    "Amina Tomasz Chidi Linh Grace Ibrahim Sofia Oluwaseun Maryam Jack Zara Mateo Aisha Daniel".split()  # noqa: SIM905
)

# Of the staff: nobody shares a name with a child, so that a test may ask whether a page names the child.
STAFF_FORENAMES = tuple("Helen Marcus Priya Ewa Samuel Rukhsana Owen".split())  # noqa: SIM905
STAFF_SURNAMES = tuple("Bennett Osei Lewandowska Rahman Fitzgerald Iyer Campbell Duarte Holloway".split())  # noqa: SIM905


ACTOR = Actor(name="Helen Osei", position="Class teacher", user_id=None)


class TrustFactory(DjangoModelFactory):
    class Meta:
        model = Trust

    name = factory.Sequence("Riverside Trust {}".format)


class SchoolFactory(DjangoModelFactory):
    class Meta:
        model = School

    urn = factory.Sequence(lambda n: str(100000 + n))
    laestab = factory.Sequence(lambda n: str(2010000 + n))
    name = factory.Sequence("Example Primary School {}".format)
    phase = School.Phase.PRIMARY
    type = School.Type.MAINTAINED
    local_authority = "Camden"
    address = ["1 Example Road", "London"]
    postcode = "N1 1AA"
    telephone = "020 7946 0000"
    second_step = School.SecondStep.NOBODY  # the tests of signing in ask for it


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence("person{}@school.example".format)
    name = factory.Sequence(lambda n: f"{STAFF_FORENAMES[n % 7]} {STAFF_SURNAMES[n % 9]}")

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return model_class.objects.create_user(*args, **kwargs)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.OFFICE
    position = factory.LazyAttribute(lambda o: Role(o.role).label)


class TokenFactory(DjangoModelFactory):
    """A token that nobody opened yet."""

    class Meta:
        model = Token

    partner = factory.Sequence("Elm Analytics {}".format)
    purpose = "Figures for the trust"
    scopes = ["marks", "pupils", "summaries"]
    asked_at = datetime(2025, 3, 10, 12, 0, tzinfo=LONDON)
    asked_by = "Tariq Novak, Technician"
    expires_at = datetime(2025, 12, 31, 23, 59, 59, tzinfo=LONDON)


class ClassGroupFactory(DjangoModelFactory):
    class Meta:
        model = ClassGroup

    name = factory.Sequence("3{}".format)


class PupilFactory(DjangoModelFactory):
    class Meta:
        model = Pupil

    upn = factory.Sequence(lambda n: upn.make_upn(201, 1234, 23, n % 1000))
    legal_surname = factory.Sequence(lambda n: SURNAMES[n % 14])
    legal_forename = factory.Sequence(lambda n: FORENAMES[(n * 3) % 14])
    date_of_birth = date(2016, 10, 5)
    compulsory_from = factory.LazyAttribute(lambda o: ages.compulsory_school_age(o.date_of_birth)[0])
    compulsory_until = factory.LazyAttribute(lambda o: ages.compulsory_school_age(o.date_of_birth)[1])
    sex = Pupil.Sex.FEMALE
    year_group = "3"
    changed_at = datetime(2024, 9, 1, tzinfo=LONDON)


class RegistrationFactory(DjangoModelFactory):
    class Meta:
        model = Registration

    school = factory.SelfAttribute("pupil.school")
    admission_date = date(2023, 9, 5)


class ClassMembershipFactory(DjangoModelFactory):
    class Meta:
        model = ClassMembership

    school = factory.SelfAttribute("pupil.school")
    start = date(2023, 9, 5)


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    school = factory.SelfAttribute("pupil.school")
    priority = 1
    title = "Ms"
    forename = "Nadia"
    surname = factory.SelfAttribute("pupil.legal_surname")
    relationship = "mother"
    parental_responsibility = True
    lives_with_pupil = True
    mobile = "07700 900123"
    email = "parent@home.example"


class CrossingFactory(DjangoModelFactory):
    """A late arrival of 11 March 2025."""

    class Meta:
        model = Crossing

    school = factory.SelfAttribute("pupil.school")
    day = date(2025, 3, 11)
    at = datetime(2025, 3, 11, 9, 12, tzinfo=LONDON)
    direction = Crossing.Direction.IN
    why = Crossing.Why.LATE
    minutes_late = 12
    code = code_for("L", date(2025, 3, 11)).number
    noted_at = factory.SelfAttribute("at")
    by_id = 1
    by_name = "Grace Okafor"


class PlannedAbsenceFactory(DjangoModelFactory):
    class Meta:
        model = PlannedAbsence

    school = factory.SelfAttribute("pupil.school")
    kind = PlannedAbsence.Kind.APPOINTMENT
    code = code_for("M", date(2025, 3, 11)).number
    start = end = date(2025, 3, 11)
    note = "Dentist"
    noted_at = datetime(2025, 3, 10, tzinfo=LONDON)


# The school year 2024/25 of a London primary, and the autumn of the year before (both code sets appear).
CALENDAR = [
    ("2023-09-05", "2023-10-20", "HT1"),
    ("2023-10-30", "2023-12-21", "HT2"),
    ("2024-01-03", "2024-02-09", "HT3"),
    ("2024-02-19", "2024-03-28", "HT4"),
    ("2024-04-15", "2024-05-24", "HT5"),
    ("2024-06-03", "2024-07-23", "HT6"),
    ("2024-09-04", "2024-10-25", "HT1"),
    ("2024-11-04", "2024-12-20", "HT2"),
    ("2025-01-06", "2025-02-14", "HT3"),
    ("2025-02-24", "2025-04-04", "HT4"),
    ("2025-04-22", "2025-05-23", "HT5"),
    ("2025-06-02", "2025-07-22", "HT6"),
    ("2025-05-05", "2025-05-05", "bank_holiday"),
]


PERIODS = [calendar_rules.Period(date.fromisoformat(s), date.fromisoformat(e), kind) for s, e, kind in CALENDAR]
DAYS = calendar_rules.school_days(PERIODS)


def make_calendar(school: School) -> None:
    """The calendar entries and school days of `CALENDAR`. One statement each: nearly every test has two schools."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO registers_calendarentry (school_id, start, "end", kind, label, session) '
            "SELECT %s, *, '', '' FROM unnest(%s::date[], %s::date[], %s::text[])",
            [school.pk, [p.start for p in PERIODS], [p.end for p in PERIODS], [p.kind for p in PERIODS]],
        )
        cursor.execute(
            "INSERT INTO registers_schoolday (school_id, day, am, pm, half_term, academic_year) "
            "SELECT %s, * FROM unnest(%s::date[], %s::bool[], %s::bool[], %s::int[], %s::int[])",
            [
                school.pk,
                *(
                    list(column)
                    for column in zip(*((d.day, d.am, d.pm, d.half_term, d.academic_year) for d in DAYS), strict=True)
                ),
            ],
        )


def make_class(school: School, name: str, size: int, **pupil: object) -> tuple[ClassGroup, list[Pupil]]:
    """A class with its pupils, all on roll since September 2023."""
    group = ClassGroupFactory(school=school, name=name)
    pupils = PupilFactory.create_batch(size, school=school, **pupil)
    for each in pupils:
        RegistrationFactory(pupil=each)
        ClassMembershipFactory(pupil=each, class_group=group)
    return group, pupils


class ProposalFactory(DjangoModelFactory):
    """A mark made ten minutes after the morning register of 11 March 2025 had closed."""

    class Meta:
        model = Proposal

    school = factory.SelfAttribute("pupil.school")
    day = date(2025, 3, 11)
    session = calendar_rules.Session.AM
    code = factory.LazyAttribute(lambda o: code_for("L", o.day).number)
    minutes_late = 12
    key = factory.LazyFunction(uuid4)
    made_at = datetime(2025, 3, 11, 9, 35, tzinfo=LONDON)
    received_at = factory.SelfAttribute("made_at")
