from collections.abc import Iterator
from datetime import timedelta

import pytest

from registers.codes import code_for
from registers.models import Contact, Mark
from tests.casework.conftest import attend  # noqa: F401 - a fixture
from tests.conftest import TODAY, Cast
from tests.factories import ContactFactory
from tests.letters.notify_server import NotifyServer

YESTERDAY = TODAY - timedelta(1)
PRESENT = code_for("/", YESTERDAY).number


@pytest.fixture
def notify(cast: Cast, settings: pytest.FixtureRequest) -> Iterator[NotifyServer]:
    """The school sends through this Notify."""
    with NotifyServer() as server:
        settings.NOTIFY_URL = server.url
        settings.NOTIFY = {cast.school.urn: server.account()}
        yield server


def was_here(cast: Cast) -> None:
    """A session to write about: without one, no letter tells of attendance."""
    for pupil in [*cast.pupils, *cast.other_pupils]:
        Mark.objects.create(school=cast.school, pupil=pupil, day=YESTERDAY, session=1, code=PRESENT, entry_id=0)


@pytest.fixture
def parents(cast: Cast) -> list[Contact]:
    """Each child of the cast's own class was here yesterday, and has one parent with a whole address."""
    was_here(cast)
    return [
        ContactFactory(
            pupil=pupil,
            forename="Nadia",
            surname=pupil.legal_surname,
            address_1=f"{number} Mill Lane",
            town="London",
            postcode="N1 2AB",
            mobile=f"07700 90012{number}",
            email=f"parent{number}@home.example",
        )
        for number, pupil in enumerate(cast.pupils, 1)
    ]
