"""Tenancy: no query sees a school that nobody entered.

Every model above the ground extends `SchoolOwned`. Its manager adds `school_id IN (scope)`; the scope is read when
the query runs, so a queryset in a form or at module level is safe. Three doors enter a school: the middleware,
`school_task`, and `acting_for` in commands and tests. The database refuses a row whose relations belong to two
schools (`database.same_school`).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models
from django.db.models import F, Func

from attendance_mis.models.schools import School

_scope: ContextVar[tuple[int, ...] | None] = ContextVar("schools_in_scope", default=None)


class NoSchoolInScope(RuntimeError):
    """A query on a school's rows ran outside the three doors."""


def schools_in_scope() -> tuple[int, ...]:
    """The ids of the schools entered; raises `NoSchoolInScope` when none is."""
    scope = _scope.get()
    if scope is None:
        raise NoSchoolInScope("No school was entered: use a /s/<urn>/ url, school_task or acting_for(school).")
    return scope


@contextmanager
def acting_for(*schools: School | int) -> Iterator[None]:
    """Enter one or more schools for the length of the block; what was in scope before comes back after it."""
    token = _scope.set(tuple(s if isinstance(s, int) else s.pk for s in schools))
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def nowhere() -> Iterator[None]:
    """Begin outside every school; whatever is entered in the block is left again at its end (one web request)."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


def enter(school: School) -> None:
    """Enter a school until the `nowhere` block around it ends. For the middleware, which cannot hold a block open."""
    _scope.set((school.pk,))


class InScope(Func):
    """True of the rows whose school is in scope when the SQL is compiled."""

    output_field = models.BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = compiler.compile(self.source_expressions[0])
        scope = schools_in_scope()
        if len(scope) == 1:
            return f"{column} = %s", (*params, scope[0])
        return f"{column} = ANY(%s)", (*params, list(scope))


class SchoolQuerySet(models.QuerySet):
    """Base of every queryset of a school's rows."""


class SchoolManager(models.Manager):
    """The manager of a school's rows: closed by default."""

    _queryset_class = SchoolQuerySet

    def get_queryset(self) -> models.QuerySet:
        return super().get_queryset().filter(InScope(F("school_id")))


class SchoolOwned(models.Model):
    """A row of one school. Relations to other rows of the school are held to the same school by the database."""

    # No index of its own: the indexes and unique constraints of the tables that matter lead with the school.
    school = models.ForeignKey(School, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = SchoolManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class SameSchoolKey(models.ForeignKey):
    """A foreign key to a row of the same school: the migration adds the composite key (`database.same_school`)."""

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)
