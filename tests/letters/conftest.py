from collections.abc import Iterator

import pytest

from tests.conftest import Cast
from tests.letters.notify_server import NotifyServer


@pytest.fixture
def notify(cast: Cast, settings: pytest.FixtureRequest) -> Iterator[NotifyServer]:
    """The school sends through this Notify."""
    with NotifyServer() as server:
        settings.NOTIFY_URL = server.url
        settings.NOTIFY = {cast.school.urn: server.account()}
        settings.NOTIFY_TIMEOUT = 1
        yield server
