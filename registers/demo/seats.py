"""Who sits where: every place of a class is held by one child after another, so that the roll is always full."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from random import Random

from registers import upn
from registers.calendar_rules import academic_year_of
from registers.demo import people
from registers.demo.calendar import FIRST_YEAR
from registers.demo.people import LONG_NAMES, Child, Family
from registers.demo.schools import SCHOOLS, DemoSchool

LEAVES_IN_YEAR, LEAVES_IN_SUMMER = 0.05, 0.03
HAS_ELDER_SIBLING = 0.4
OTHER_SCHOOLS = (
    "Pepper Alley Primary School",
    "St Osyth's Primary School",
    "Brewhouse Lane Infant School",
    "Ferry Road Community School",
    "Hill Top Academy, Leicester",
    "A school in Poland",
    "A school in Bangladesh",
)
SECONDARY_SCHOOLS = ("Riverbank Academy", "Canal Street School for Girls", "St Alban's High School", "Foundry School")
NURSERIES = ("", "", "Little Lanterns Nursery", "Saltmarsh Children's Centre")


def children(school: DemoSchool, this_year: int) -> list[Child]:
    """Every child on roll from September 2023 to the end of `this_year`, by year group and place.

    Some of it lies ahead of the day of the demonstration: `as_known_on` takes that out again. What happens in a place
    does not depend on that day.
    """
    found: list[Child] = []
    for cohort in range(FIRST_YEAR - 6, this_year + 1):
        year = _YearGroup(school, cohort, this_year, found)
        for stream in range(len(school.classes[0])):
            before = None
            for seat in range(school.class_size(cohort, stream, this_year)):
                is_twin = cohort % 3 == 0 and seat == 4
                in_turn = list(year.one_after_another(stream, seat, before.family if before and is_twin else None))
                if before and is_twin:
                    in_turn[0].date_of_birth = before.date_of_birth
                found += in_turn
                before = in_turn[0]
    for n, child in enumerate(child for child in found if child.facts["social_worker"]):
        child.facts |= {"child_protection": n % 4 == 0, "looked_after": n % 6 == 1}
        child.facts["pupil_premium"] |= child.facts["looked_after"]
    _give_long_names(found, LONG_NAMES[SCHOOLS.index(school) :: 2])
    found[-9].has_contacts = False
    return found


def as_known_on(day: date, school: DemoSchool, found: list[Child]) -> list[Child]:
    """The children admitted by a day; a place becomes free on the day before somebody else comes into it."""
    known = [child for child in found if child.admission <= day]
    for child in known:
        in_summer = child.leaving is not None and child.leaving.month == 8
        if child.leaving and (child.leaving if in_summer else school.next_day_after(child.leaving)) > day:
            child.leaving, child.ground, child.destination = None, "", ""
    return known


@dataclass(slots=True)
class _YearGroup:
    """The children who began Reception in the same September."""

    school: DemoSchool
    cohort: int
    this_year: int
    found: list[Child]
    serials: Iterator[int] = field(default_factory=lambda: count(1))

    def one_after_another(self, stream: int, seat: int, twin_family: Family | None) -> Iterator[Child]:
        """The children of one place, each from the school day after the one before has left."""
        rng = Random(f"{self.school.urn}/{self.cohort}/{stream}/{seat}")
        admission = self.school.days_of(self.cohort)[0].day
        for n in count():
            number = f"{self.school.estab}-{self.cohort}{stream}{seat:02}{n}"
            family = (twin_family if n == 0 else None) or self._family(rng, number, admission, is_first=n == 0)
            child = self._child(rng, family, stream, admission, is_first=n == 0)
            self._leave(rng, child)
            yield child
            if child.leaving is None or child.leaving >= date(self.cohort + 7, 8, 31):
                return
            admission = self.school.next_day_after(child.leaving)

    def _family(self, rng: Random, number: str, admission: date, *, is_first: bool) -> Family:
        has_elder = is_first and rng.random() < HAS_ELDER_SIBLING
        elder = [c for c in self.found if has_elder and 2 <= self.cohort - c.cohort <= 4 and c.on_roll(admission)]
        return rng.choice(elder).family if elder else people.make_family(rng, number, len(self.found))

    def _child(self, rng: Random, family: Family, stream: int, admission: date, *, is_first: bool) -> Child:
        sex = rng.choice("FM")
        names = family.background.girls if sex == "F" else family.background.boys
        surname = family.surname_of(sex)
        namesakes = {child.forename for child in self.found if child.surname == surname}
        forename = rng.choice([name for name in names if name not in namesakes] or names)
        serial, is_temporary = next(self.serials), not is_first and rng.random() < 0.1
        estab = self.school.estab if is_first or is_temporary else rng.randrange(3000, 3900)
        facts = people.facts_of(rng, family)
        return Child(
            upn=upn.make_upn(self.school.la, estab, self.cohort, f"{serial % 100:02}A" if is_temporary else serial),
            family=family,
            forename=forename,
            surname=surname,
            middle_names=rng.choice(names) if rng.random() < 0.25 else "",
            sex=sex,
            date_of_birth=people.born_in(rng, self.cohort),
            cohort=self.cohort,
            class_stream=stream,
            admission=admission,
            leaving=None,
            ground="",
            destination="",
            last_school=rng.choice(NURSERIES if is_first else OTHER_SCHOOLS),
            frailty=_frailty(rng, family, facts),
            facts=facts,
        )

    def _leave(self, rng: Random, child: Child) -> None:
        """Decide whether and when the child leaves, within the years that are told."""
        for year in range(max(academic_year_of(child.admission), FIRST_YEAR), min(self.cohort + 6, self.this_year) + 1):
            when, is_in_year = rng.random(), rng.random() < LEAVES_IN_YEAR
            days = [each.day for each in self.school.days_of(year)]
            fridays = [day for day in days[30:-25] if day.weekday() == 4 and day > child.admission]
            if year == self.cohort + 6 and not (is_in_year and fridays):
                child.leaving, child.ground = date(year + 1, 8, 31), "a"
                child.destination = rng.choice(SECONDARY_SCHOOLS)
            elif is_in_year and fridays:
                child.leaving = fridays[int(when * len(fridays))]
            elif when < LEAVES_IN_SUMMER:
                child.leaving = date(year + 1, 8, 31)
            if child.leaving:
                child.ground = child.ground or rng.choices("agf", [80, 12, 8])[0]
                if child.ground == "a" and not child.destination:
                    child.destination = rng.choice(OTHER_SCHOOLS)
                return


def _frailty(rng: Random, family: Family, facts: dict[str, object]) -> float:
    known = 0.45 * bool(facts["fsm"]) + 0.35 * (facts["sen_status"] != "N") + 0.7 * bool(facts["social_worker"])
    return 0.55 * family.frailty + 0.6 * rng.gauss(0, 1) + known


def _give_long_names(found: list[Child], names: Sequence[tuple[str, ...]]) -> None:
    for child, (forename, preferred, middle, surname, ethnicity) in zip(found[-37::-101], names, strict=False):
        child.forename, child.middle_names, child.surname = forename, middle, surname
        child.preferred_forename = preferred
        child.facts["ethnicity"] = ethnicity
