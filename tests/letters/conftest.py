from collections.abc import Iterator

import pytest

from registers.models import Contact
from tests.casework.conftest import attend  # noqa: F401 - a fixture
from tests.conftest import Cast
from tests.factories import ContactFactory
from tests.letters.notify_server import NotifyServer


@pytest.fixture
def notify(cast: Cast, settings: pytest.FixtureRequest) -> Iterator[NotifyServer]:
    """The school sends through this Notify."""
    with NotifyServer() as server:
        settings.NOTIFY_URL = server.url
        settings.NOTIFY = {cast.school.urn: server.account()}
        yield server


@pytest.fixture
def parents(cast: Cast) -> list[Contact]:
    """Each child of the cast's own class has one parent with a whole address."""
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
