"""No query sees a school that nobody entered."""

from collections.abc import Iterator

import pytest
from django import forms
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.http import Http404
from django.test import RequestFactory

from attendance_mis.middleware import SchoolMiddleware
from attendance_mis.tenancy import NoSchoolInScope, SchoolOwned, acting_for, nowhere, schools_in_scope
from registers.models import ClassGroup, Pupil
from tests.conftest import Cast

OWNED = [model for model in apps.get_models() if issubclass(model, SchoolOwned)]
EVERY_PUPIL = Pupil.objects.order_by("pk")  # made at import, when no school is in scope


class PupilForm(forms.Form):
    pupil = forms.ModelChoiceField(Pupil.objects.all())


@pytest.fixture
def outside(cast: Cast) -> Iterator[Cast]:
    """The cast, with no school in scope."""
    with nowhere():
        yield cast


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_closed_by_default(outside: Cast, model: type[models.Model]) -> None:
    for manager in (model._default_manager, model._base_manager):
        with pytest.raises(NoSchoolInScope):
            manager.count()


@pytest.mark.parametrize(
    "ask",
    [
        lambda pupils: list(pupils),
        lambda pupils: pupils.exists(),
        lambda pupils: pupils.update(year_group="4"),
        lambda pupils: pupils.delete(),
        lambda pupils: pupils.aggregate(models.Max("pk")),
        lambda pupils: list(pupils.values_list("pk")),
        lambda pupils: list(pupils.iterator()),
        lambda pupils: pupils.first(),
        lambda pupils: pupils.in_bulk(),
        lambda pupils: pupils.get_or_create(pk=1),
    ],
)
def test_no_way_of_asking_is_open(outside: Cast, ask) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(NoSchoolInScope):
        ask(Pupil.objects.all())


def test_only_the_school_entered_is_seen(outside: Cast) -> None:
    with acting_for(outside.other_school):
        assert set(Pupil.objects.all()) == set(outside.strange_pupils)
        assert Pupil.objects.update(year_group="5") == len(outside.strange_pupils)
        assert not Pupil.objects.filter(pk=outside.pupils[0].pk).exists()
    with acting_for(outside.school, outside.other_school.pk):
        assert Pupil.objects.count() == 9


def test_the_scope_is_read_when_the_query_runs(outside: Cast) -> None:
    """A queryset at module level or in a form is safe."""
    with acting_for(outside.other_school):
        assert list(EVERY_PUPIL) != []
        theirs = EVERY_PUPIL.all()
    with acting_for(outside.school):
        assert set(theirs) == {*outside.pupils, *outside.other_pupils}
        assert not PupilForm({"pupil": outside.strange_pupils[0].pk}).is_valid()
        assert PupilForm({"pupil": outside.pupils[0].pk}).is_valid()


def test_related_rows_are_scoped(outside: Cast) -> None:
    with acting_for(outside.school):
        assert outside.strange_class.memberships.count() == 0
        assert outside.own_class.memberships.count() == 5
        assert ClassGroup.objects.filter(memberships__pupil__in=outside.strange_pupils).count() == 0
        prefetched = Pupil.objects.prefetch_related("class_memberships")
        assert all(len(pupil.class_memberships.all()) == 1 for pupil in prefetched)
    with pytest.raises(NoSchoolInScope):
        outside.own_class.memberships.count()


def test_a_subquery_is_scoped(outside: Cast) -> None:
    with acting_for(outside.other_school):
        theirs = ClassGroup.objects.all()
    with acting_for(outside.school):
        assert Pupil.objects.filter(class_memberships__class_group__in=theirs).count() == 7


def test_scopes_nest_and_come_back(outside: Cast) -> None:
    with acting_for(outside.school):
        with acting_for(outside.other_school):
            assert schools_in_scope() == (outside.other_school.pk,)
            with pytest.raises(ZeroDivisionError), acting_for(outside.school):
                _ = 1 / 0
            assert schools_in_scope() == (outside.other_school.pk,)
        assert schools_in_scope() == (outside.school.pk,)
    with pytest.raises(NoSchoolInScope):
        schools_in_scope()


def test_a_request_leaves_no_scope_behind(outside: Cast) -> None:
    client = outside.client("head")
    assert client.get(outside.url("registers/record/")).status_code == 200
    with pytest.raises(NoSchoolInScope):
        schools_in_scope()


def test_the_door_opens_to_the_schools_own_people_only(outside: Cast) -> None:
    request = RequestFactory().get("/")
    door = SchoolMiddleware(lambda request: None)  # type: ignore[arg-type, return-value]
    with nowhere():
        request.user = request._cached_user = outside.stranger
        with pytest.raises(Http404):
            door.process_view(request, None, (), {"urn": outside.school.urn})
        request.user = AnonymousUser()  # type: ignore[assignment]
        door.process_view(request, None, (), {"urn": outside.school.urn})
        with pytest.raises(NoSchoolInScope):
            schools_in_scope()
