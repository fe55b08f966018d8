"""The database of a process, the stage it is for each test, and the clock."""

import gc
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import TransactionTestCase, override_settings
from hypothesis import HealthCheck
from hypothesis import settings as properties
from pytest_django import DjangoDbBlocker
from xdist.scheduler import LoadScopeScheduling

from attendance_mis.tenancy import acting_for
from tests import databases, factories
from tests.stage import Cast, Stage

# A Tuesday in HT4 of 2024/25, five minutes into the morning register.
TODAY = date(2025, 3, 11)
REGISTER_TIME = datetime(2025, 3, 11, 9, 5, tzinfo=factories.LONDON)

# The same examples each time, however busy the machine; `--hypothesis-profile=search` looks for new ones.
_PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]}
properties.register_profile("same", derandomize=True, **_PATIENT)
properties.register_profile("search", max_examples=1000, **_PATIENT)
properties.load_profile("same")


class Scheduling(LoadScopeScheduling):
    """Each test goes to the process that is free, but a file that fills the database for all its tests goes as one.

    Not the group of pytest-xdist: version 3.8 writes it where pytest 9.2 does not look any more.
    """

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        self.whole = {path for path in config.rootpath.glob("tests/*/test_*.py") if "empty_stage" in path.read_text()}

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::", 1)[0]
        return path if self.config.rootpath / path in self.whole else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is long begins first, so that no process ends alone; then by what stands in the database."""
    items.sort(key=lambda item: (item.get_closest_marker("long") is None, _is_transactional(item), _needs_cast(item)))


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look through it each time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _is_transactional(item: pytest.Item) -> bool:
    """Whether it writes for good, and the database is emptied after it."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or not {"transactional_db", "live_server"}.isdisjoint(
        item.fixturenames  # type: ignore[attr-defined]
    )


def _needs_cast(item: pytest.Item) -> bool:
    return "cast" in item.fixturenames  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A database for this process; after a transactional test it is emptied, not made anew."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: None)  # the stage sees to it
        with databases.of_its_own(worker, anew=request.config.getvalue("create_db")):
            yield


@pytest.fixture(scope="session")
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="module")
def empty_stage(django_db_setup: None, django_db_blocker: DjangoDbBlocker, stage: Stage) -> None:
    """For a fixture that fills the database for all tests of a file."""
    with django_db_blocker.unblock():
        stage.set(cast=False)


@pytest.fixture
def _staged(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker, stage: Stage
) -> Iterator[None]:
    with django_db_blocker.unblock():
        stage.set(cast=_needs_cast(request.node))
        yield
        if _is_transactional(request.node):
            stage.clear()


@pytest.fixture
def _django_db_helper(_staged: None, _django_db_helper: None) -> None:
    """What every test with a database has of pytest-django; the stage is set before its transaction begins."""


@pytest.fixture(autouse=True)
def _a_cache_of_its_own() -> Iterator[None]:
    """What one test left in the cache, Redis too, no other test finds."""
    with override_settings(CACHES={"default": {**settings.CACHES["default"], "KEY_PREFIX": uuid4().hex}}):
        yield


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands at 09:05 on the day; `clock.move_to(...)` moves it."""
    with time_machine.travel(REGISTER_TIME, tick=False) as traveller:
        yield traveller


@pytest.fixture
def cast(db: None, stage: Stage) -> Iterator[Cast]:
    """The cast, with its school in scope."""
    cast = stage.cast()
    with acting_for(cast.school):
        yield cast
