"""The two schools of the demonstration trust, their classes by year, and who works there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import cache

from attendance_mis.permissions import Role
from registers.calendar_rules import Day, Period, academic_year_of, school_days
from registers.demo.calendar import FIRST_YEAR, calendar
from registers.demo.people import plain

TRUST = "Three Rivers Learning Trust"
LARGE_CLASS, USUAL_CLASS = 34, 30


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in. `classes` are hers, by name, from a day to a day."""

    email: str
    name: str
    role: Role
    position: str
    class_name: str = ""
    start: date = date(FIRST_YEAR, 9, 1)
    end: date | None = None


@dataclass(frozen=True, slots=True)
class DemoSchool:
    urn: str
    estab: int
    name: str
    address: tuple[str, str]
    postcode: str
    telephone: str
    domain: str
    classes: tuple[tuple[str, ...], ...]  # by year, Reception first: one name per stream
    staff: tuple[tuple[Role, str, str], ...]  # role, name, position
    teachers: tuple[str, ...]  # of the classes, in their order
    polling_station: bool
    training_afternoons: bool
    has_large_class: bool

    la = 211
    am_register, am_closes = time(8, 45), time(9, 10)
    pm_register, pm_closes = time(13, 5), time(13, 20)
    day_ends, parents_report_by, registers_due_by = time(15, 20), time(8, 40), time(9, 15)

    def class_name(self, index: int, stream: int) -> str:
        return self.classes[index][stream]

    def class_names(self) -> Iterator[str]:
        return (name for year in self.classes for name in year)

    def class_size(self, cohort: int, stream: int, this_year: int) -> int:
        """30, but where one class of this year's year 5 has 34 and four others give a place."""
        index = this_year - cohort
        if not self.has_large_class or not 0 <= index <= 6:
            return USUAL_CLASS
        if (index, stream) == (5, 1):
            return LARGE_CLASS
        return USUAL_CLASS - ((index, stream) in ((1, 0), (2, 1), (4, 0), (6, 1)))

    def email(self, name: str) -> str:
        return f"{name}@{self.domain}"

    def people(self) -> Iterator[Person]:
        """Everybody who works here or has; the teacher to sign in as comes first of the teachers."""
        for role, name, position in self.staff:
            yield Person(self.email(role.value), name, role, position)
        classes = dict(zip(self.class_names(), self.teachers, strict=True))
        for name in sorted(classes, key=lambda name: name != self.visitors_class):
            teacher = classes[name]
            email = self.email("teacher" if name == self.visitors_class else _address(teacher))
            start = date(2025, 9, 1) if name == self.changed_class else date(FIRST_YEAR, 9, 1)
            yield Person(email, teacher, Role.TEACHER, f"Class teacher, {name}", name, start)
        former = "Ms Harriet Lockyer"
        position = f"Class teacher, {self.changed_class}"
        yield Person(
            self.email(_address(former)), former, Role.TEACHER, position, self.changed_class, end=date(2025, 8, 31)
        )

    @property
    def visitors_class(self) -> str:
        """The class whose register waits for the visitor: of year 3."""
        return self.classes[3][-1]

    @property
    def changed_class(self) -> str:
        """The class whose teacher left in the summer of 2025: of year 4."""
        return self.classes[4][0]

    def periods(self, today: date) -> list[Period]:
        """The calendar from September 2023 to the end of this academic year; of the next too from March on."""
        years = range(FIRST_YEAR, academic_year_of(today) + 1 + (3 <= today.month <= 7))
        return [period for year in years for period in self.periods_of(year)]

    def periods_of(self, academic_year: int) -> list[Period]:
        return calendar(
            academic_year, polling_station=self.polling_station, training_afternoons=self.training_afternoons
        )

    def days_of(self, academic_year: int) -> tuple[Day, ...]:
        return _days_of(self, academic_year)

    def next_day_after(self, day: date) -> date:
        """The next school day."""
        year = academic_year_of(day)
        return next(each.day for y in (year, year + 1) for each in self.days_of(y) if each.day > day)


@cache
def _days_of(school: DemoSchool, academic_year: int) -> tuple[Day, ...]:
    return school_days(school.periods_of(academic_year))


def _address(name: str) -> str:
    return ".".join(plain(part) for part in name.split()[1:])


WILLOW = DemoSchool(
    urn="990001",
    estab=2901,
    name="Willow Reach Primary School",
    address=("Cinder Lane", "London"),
    postcode="E99 1AX",
    telephone="020 7946 0100",
    domain="willow-reach.example",
    classes=tuple(
        (f"{year} Heron", f"{year} Kingfisher") for year in ("Reception", *(f"Year {i}" for i in range(1, 7)))
    ),
    staff=(
        (Role.HEAD, "Ms Caroline Adjei", "Headteacher"),
        (Role.LEAD, "Mr Daniel Whitcombe", "Deputy headteacher, attendance champion"),
        (Role.MANAGER, "Mrs Shabnam Akhtar", "Attendance manager"),
        (Role.OFFICE, "Miss Joanna Pryce", "School secretary"),
        (Role.SAFEGUARDING, "Mrs Tolu Bankole", "Designated safeguarding lead"),
        (Role.GOVERNOR, "Mr Peter Langridge", "Chair of governors"),
        (Role.TECHNICIAN, "Mr Viet Doan", "Network manager"),
    ),
    teachers=(
        "Miss Ella Farnham",
        "Mrs Nadia Karim",
        "Mr Owen Tredwell",
        "Miss Chloe Asante",
        "Ms Ewa Sobczak",
        "Mr Jamal Roberts",
        "Mrs Hilary Mabey",
        "Miss Zeynep Arslan",
        "Mr Callum Frith",
        "Mrs Anjali Deshpande",
        "Mr Tom Beresford",
        "Ms Sadia Noor",
        "Miss Lucy Thornbury",
        "Mr Kwame Boateng",
    ),
    polling_station=False,
    training_afternoons=False,
    has_large_class=True,
)
ROPEWALK = DemoSchool(
    urn="990002",
    estab=2902,
    name="Old Ropewalk Primary School",
    address=("Saltmarsh Road", "London"),
    postcode="E99 2BX",
    telephone="020 7946 0200",
    domain="old-ropewalk.example",
    classes=(("Acorn",), ("Beech",), ("Cedar",), ("Elm",), ("Hazel",), ("Maple",), ("Oak",)),
    staff=(
        (Role.HEAD, "Mr Martin Osei", "Headteacher"),
        (Role.LEAD, "Ms Fiona Garrick", "Assistant headteacher, attendance champion"),
        (Role.MANAGER, "Mr Bilal Rahim", "Attendance manager"),
        (Role.OFFICE, "Mrs Deborah Quill", "Office administrator"),
        (Role.SAFEGUARDING, "Ms Renata Lipska", "Designated safeguarding lead"),
        (Role.GOVERNOR, "Mrs Olive Hargreaves", "Attendance governor"),
        (Role.TECHNICIAN, "Ms Priya Nayar", "IT technician"),
    ),
    teachers=(
        "Mrs Bukola Ajayi",
        "Miss Imogen Slade",
        "Mr Rafael Pinto",
        "Ms Yasmin Siddique",
        "Mr Declan Moore",
        "Mrs Thuy Pham",
        "Miss Georgia Penn",
    ),
    polling_station=True,
    training_afternoons=True,
    has_large_class=False,
)
SCHOOLS = (WILLOW, ROPEWALK)
TRUST_LEAD = Person(
    "trust_lead@three-rivers.example", "Dr Miriam Oduya", Role.TRUST_LEAD, "Director of education", start=date.min
)
