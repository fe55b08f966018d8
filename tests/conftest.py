"""The fixed cast: two schools, one person per role, and a stranger from the other school who must see nothing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client, override_settings

from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from registers.models import ClassGroup, Pupil, Teaching
from tests import factories

# A Tuesday in HT4 of 2024/25, five minutes into the morning register.
TODAY = date(2025, 3, 11)
REGISTER_TIME = datetime(2025, 3, 11, 9, 5, tzinfo=factories.LONDON)


@pytest.fixture(scope="session", autouse=True)
def _flush_append_only_logs() -> Iterator[None]:
    """Let the flush after a transactional test empty the logs that nobody else may empty.

    For the whole run: a patch of one test would be undone before that test's flush.
    """
    flush = DatabaseOperations.execute_sql_flush

    def unguarded(self, sql_list):
        return flush(self, ["SET LOCAL session_replication_role = replica", *sql_list])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", unguarded)
        yield


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


@dataclass
class Cast:
    """Who is in the play. `people` has one user per role at `school`."""

    school: School
    other_school: School
    people: dict[str, User]
    stranger: User
    own_class: ClassGroup
    other_class: ClassGroup
    pupils: list[Pupil]
    other_pupils: list[Pupil]
    strange_class: ClassGroup
    strange_pupils: list[Pupil]

    def actor(self, role: str) -> Actor:
        """The person of this role as the one who writes."""
        user = self.people[role]
        return Actor(name=user.name, position=user.memberships.get().position, user_id=user.pk)

    def client(self, role: str) -> Client:
        """A browser in which the person of this role is signed in."""
        return self.client_of(self.people[role])

    def client_of(self, user: User) -> Client:
        """A browser in which this person is signed in."""
        client = Client()
        client.force_login(user)
        return client

    def url(self, path: str = "") -> str:
        return f"/s/{self.school.urn}/{path}"


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    """The cast, with its school in scope."""
    trust = factories.TrustFactory()
    school, other = factories.SchoolFactory(trust=trust), factories.SchoolFactory(trust=trust)
    people = {
        role: factories.MembershipFactory(
            role=role, **({"trust": trust} if role == Role.TRUST_LEAD else {"school": school})
        ).user
        for role in Role.values
    }
    stranger = factories.MembershipFactory(school=other, role=Role.HEAD).user
    with acting_for(other):
        factories.make_calendar(other)
        strange_class, strange_pupils = factories.make_class(other, "3A", 2)
    with acting_for(school):
        factories.make_calendar(school)
        own_class, pupils = factories.make_class(school, "3A", 5)
        other_class, other_pupils = factories.make_class(school, "4B", 2, year_group="4")
        Teaching.objects.create(school=school, user=people[Role.TEACHER], class_group=own_class, start=date(2023, 9, 1))
        yield Cast(
            school,
            other,
            people,
            stranger,
            own_class,
            other_class,
            pupils,
            other_pupils,
            strange_class,
            strange_pupils,
        )
