"""Every page of a school that is hard to show, on a small phone: nothing that a person would stumble over."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from time_machine import Traveller

from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from tests import factories
from tests.conftest import Cast
from tests.hard_school import make_hard
from tests.house.test_access import ROUTES, address
from tests.journeys.browser import screenshot
from tests.journeys.conftest import OpenPage
from tests.journeys.looks import faults
from tests.journeys.test_every_page import WALKS, shows

pytestmark = [pytest.mark.long, pytest.mark.looks]
OF_A_SCHOOL = {name for name, (parts, *_) in ROUTES.items() if set(parts) <= {"urn", "trust_id"}}


def _new_school(cast: Cast) -> Cast:
    """A school that has people, and nothing else."""
    school = factories.SchoolFactory(trust=cast.school.trust)
    with acting_for(school):
        people = {
            role: factories.MembershipFactory(role=role, school=school).user
            for role in Role.values
            if role != Role.TRUST_LEAD
        }
    return replace(cast, school=school, people={**cast.people, **people})


def _first_day(cast: Cast) -> Cast:
    """08:50 of the first day of a school year, before any register."""
    return cast


@pytest.mark.parametrize(("role", "names"), WALKS)
def test_pages_of_a_hard_school(role: str, names: list[str], cast: Cast, clock: Traveller, open_page: OpenPage) -> None:
    make_hard(cast)
    _walk(role, names, cast, open_page, "hard")


MOMENTS: dict[str, tuple[datetime, Callable[[Cast], Cast]]] = {
    "new": (datetime(2025, 3, 11, 9, 5, tzinfo=factories.LONDON), _new_school),
    "first-day": (datetime(2024, 9, 4, 8, 50, tzinfo=factories.LONDON), _first_day),
    "holidays": (datetime(2025, 8, 20, 10, 0, tzinfo=factories.LONDON), _first_day),
}


@pytest.mark.parametrize(("role", "names"), WALKS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_pages_of_a_school_without_a_mark(
    moment: str, role: str, names: list[str], cast: Cast, clock: Traveller, open_page: OpenPage
) -> None:
    at, school = MOMENTS[moment]
    clock.move_to(at)
    _walk(role, [name for name in names if name in OF_A_SCHOOL], school(cast), open_page, moment)


def _walk(role: str, names: list[str], cast: Cast, open_page: OpenPage, picture: str) -> None:
    found = []
    page = open_page("/sign-in/", user=cast.people[role] if role else None, width=320)
    for name in names:
        if shows(page, address(name, cast)):
            screenshot(page, f"{picture}-{name.replace(':', '-')}-320")
            found += [f"{name} {page.url}: {fault}" for fault in faults(page)]
    assert not found, "\n".join(found)
