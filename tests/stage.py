"""The cast: two schools, one person per role, and a stranger from the other school who must see nothing.

It stands in the database before a test begins, made once for many tests; each gets people and pupils of its own.
"""

import pickle
from dataclasses import dataclass
from datetime import date
from importlib import import_module

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import connection, transaction
from django.test import Client
from factory.django import DjangoModelFactory

from attendance_mis.actors import Actor
from attendance_mis.models import School, User
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from registers.models import ClassGroup, Pupil, Teaching
from tests import databases, factories


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
        """A browser in which this person is signed in; as if each address was clicked in one of our pages."""
        client = Client(headers={"Sec-Fetch-Site": "same-origin"})
        client.cookies[settings.SESSION_COOKIE_NAME] = session_of(user)
        return client

    def url(self, path: str = "") -> str:
        return f"/s/{self.school.urn}/{path}"


def session_of(user: User) -> str:
    """The key of a new session of this person, written as signing in writes it, but once instead of three times."""
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session.session_key


class Stage:
    """What stands in the database when a test begins: the cast, or nothing."""

    def __init__(self) -> None:
        self.has_cast: bool | None = None  # not known yet
        self._cast = b""
        self._numbers: dict[type[DjangoModelFactory], int] = {}

    def set(self, *, cast: bool) -> None:
        """Before the test's transaction begins. Within a transaction of a whole file nothing is changed."""
        if connection.in_atomic_block:
            return
        if self.has_cast is not cast:
            if self.has_cast is not False:
                self.clear()
            if cast:
                _number_from({})
                with transaction.atomic():
                    self._cast = pickle.dumps(make_cast())
                self._numbers = {each: each._meta.next_sequence() for each in DjangoModelFactory.__subclasses__()}
                self.has_cast = True
        _number_from(self._numbers if cast else {})

    def clear(self) -> None:
        databases.empty()
        self.has_cast = False

    def cast(self) -> Cast:
        """Objects that no other test has in its hands."""
        return pickle.loads(self._cast) if self.has_cast else make_cast()  # noqa: S301  these bytes are our own


def _number_from(first: dict[type[DjangoModelFactory], int]) -> None:
    """Names and numbers of what a test makes depend on no test before it."""
    for each in DjangoModelFactory.__subclasses__():
        each.reset_sequence(first.get(each, 0), force=True)


def make_cast() -> Cast:
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
    return Cast(
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
