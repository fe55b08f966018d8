"""A school of some size, with marks written as they stand: for figures nobody needs to have entered them."""

from collections.abc import Callable, Iterable
from datetime import date

import pytest

from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import FormerFacts, Mark, Pupil, SchoolDay
from tests import factories
from tests.conftest import Cast

FIRST, LAST = date(2025, 1, 6), date(2025, 2, 14)  # HT3 of 2024/25: 30 school days
Write = Callable[..., None]


def written(pupils: Iterable[Pupil], missed: int, letter: str = "I", first: date = FIRST, last: date = LAST) -> None:
    """Marks of every session of these days: the first `missed` with this code, the others present."""
    days = [(day, session) for day in SchoolDay.objects.filter(day__range=(first, last)).values_list("day", flat=True)
            for session in Session]  # fmt: skip
    present = {Session.AM: "/", Session.PM: "\\"}
    Mark.objects.bulk_create(
        Mark(
            school_id=pupil.school_id,
            pupil=pupil,
            day=day,
            session=session,
            code=code_for(letter if number < missed else present[session], day).number,
            entry_id=1,
        )
        for pupil in pupils
        for number, (day, session) in enumerate(days)
    )


@pytest.fixture
def school_of_sixty(cast: Cast) -> dict[str, list[Pupil]]:
    """Year 3 (class 3A, with the cast's five) and year 4 of thirty: ten of year 3 on free school meals and often ill,
    three service children, two of them persistently absent.
    """
    _, third = factories.make_class(cast.school, "3C", 25, year_group="3", fsm=False, service_child=False)
    _, fourth = factories.make_class(cast.school, "4C", 28, year_group="4", fsm=False, service_child=False)
    Pupil.objects.filter(pk__in=[p.pk for p in (*third[::2], *fourth[::2])]).update(sex="M")
    meals, service = third[:10], fourth[:3]
    Pupil.objects.filter(pk__in=[p.pk for p in meals]).update(fsm=True)
    Pupil.objects.filter(pk__in=[p.pk for p in service]).update(service_child=True)
    FormerFacts.objects.all().delete()  # so from the start
    written(meals, missed=9)
    written(third[10:], missed=1)
    written(service[:2], missed=8, letter="G")
    written([service[2], *fourth[10:]], missed=2)
    written(fourth[3:10], missed=2, letter="O")
    written([*cast.pupils, *cast.other_pupils], missed=0)
    return {"third": third, "fourth": fourth, "meals": meals, "service": service}
