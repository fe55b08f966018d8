"""What the database itself must hold, asked of its catalogue for every model there is: a new model cannot forget it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from attendance_mis.models import School
from attendance_mis.models.audit import AppendOnlyLog
from attendance_mis.tenancy import SchoolOwned
from registers.models import Contact, KeptCount, Mark, Pupil
from tests.conftest import Cast

OWNED = [model for model in apps.get_models() if issubclass(model, SchoolOwned)]
LOGS = [model for model in OWNED if issubclass(model, AppendOnlyLog)]

# `x_at` without a check that holds it and `x_by` together, and why that is right.
AT_WITHOUT_BY: dict[str, str] = {}


def foreign_keys(model: type[models.Model], to: type[models.Model]) -> Iterator[models.ForeignKey]:
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, to):  # type: ignore[arg-type]
            yield field


BETWEEN_OWNED = [(model, field) for model in OWNED for field in foreign_keys(model, SchoolOwned)]
PAIRS = [
    (model, at, by)
    for model in apps.get_models()
    for by in model._meta.concrete_fields
    for at in model._meta.concrete_fields
    if by.name.endswith("_by") and at.name == f"{by.name[:-3]}_at" and at.null
]


def asked(sql: str, *params: object) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return [row[0] for row in cursor.fetchall()]


def named(case: tuple) -> str:
    return ".".join(getattr(part, "__name__", getattr(part, "name", "")) for part in case)


@pytest.mark.django_db
@pytest.mark.parametrize("case", BETWEEN_OWNED, ids=named)
def test_a_row_and_what_it_names_are_of_one_school(case: tuple[type[models.Model], models.ForeignKey]) -> None:
    model, field = case
    if model is Mark:
        return  # held once per statement, below
    wanted = f"FOREIGN KEY (school_id, {field.column}) REFERENCES {field.related_model._meta.db_table}(school_id, id)"  # type: ignore[union-attr]
    found = asked(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        model._meta.db_table,
    )
    assert any(each.startswith(wanted) for each in found), (
        f"Use SameSchoolKey and database.same_school('{model._meta.db_table}', '{field.column}', ...) in a migration."
    )


@pytest.mark.django_db
@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_its_school_is_a_school(model: type[models.Model]) -> None:
    found = asked(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'",
        model._meta.db_table,
    )
    school = f"FOREIGN KEY (school_id) REFERENCES {School._meta.db_table}(id)"
    # A mark's school is its pupil's, held by the key above: a second check per mark would prove nothing more.
    # A kept count is written by the triggers of marks alone, with the school of its marks.
    assert model in (Mark, KeptCount) or any(each.startswith(school) for each in found)


@pytest.mark.django_db
@pytest.mark.parametrize("model", LOGS, ids=lambda model: model.__name__)
def test_a_log_only_grows(model: type[models.Model]) -> None:
    [trigger] = asked(
        "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'append_only' "
        "AND tgenabled = 'O'",
        model._meta.db_table,
    )
    assert "BEFORE DELETE OR UPDATE OR TRUNCATE" in trigger
    assert "refuse_change()" in trigger


@pytest.mark.parametrize("case", PAIRS, ids=named)
def test_when_and_who_stand_together(case: tuple[type[models.Model], models.Field, models.Field]) -> None:
    model, at, by = case
    if f"{model.__name__}.{at.name}" in AT_WITHOUT_BY:
        return
    named_together = [
        constraint
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint) and {at.name, by.name} <= set(_fields(constraint.condition))
    ]
    assert named_together, f"Hold {at.name} and {by.name} together in a CheckConstraint, or say why not in the table."


def _fields(condition: models.Q) -> Iterator[str]:
    for child in condition.children:
        if isinstance(child, models.Q):
            yield from _fields(child)
        else:
            yield child[0].split("__")[0]


@pytest.mark.parametrize("model", OWNED, ids=lambda model: model.__name__)
def test_keys_and_indexes_lead_with_the_school(model: type[models.Model]) -> None:
    """So the tables can be partitioned or distributed by school, and no page of one school reads another's rows."""
    unique = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    for each in [*unique, *model._meta.indexes]:
        assert each.fields[0] == "school", each.name
    single = [f.name for f in model._meta.concrete_fields if f.unique and not f.primary_key]
    assert not single, f"unique over all schools: {single}"


def test_the_database_refuses_a_mixed_row(cast: Cast) -> None:
    Contact.objects.create(school=cast.school, pupil=cast.strange_pupils[0], priority=1, surname="Example")
    with pytest.raises(IntegrityError, match="same_school"):
        connection.check_constraints()


def write_mark(pupil: Pupil, school: School) -> None:
    Mark.objects.create(school=school, pupil=pupil, day="2025-03-10", session=1, code=101, entry_id=1)


def test_the_database_refuses_a_mark_of_another_school(cast: Cast) -> None:
    with pytest.raises(IntegrityError, match="not of the school"):
        write_mark(cast.strange_pupils[0], cast.school)


def test_a_mark_stays_with_its_pupil(cast: Cast) -> None:
    write_mark(cast.pupils[0], cast.school)
    with pytest.raises(IntegrityError, match="stays with its pupil_id"):
        Mark.objects.update(pupil=cast.pupils[1])


def test_a_pupil_with_marks_is_saved_like_any_row(cast: Cast) -> None:
    write_mark(cast.pupils[0], cast.school)
    cast.pupils[0].save()


def test_a_pupil_with_marks_cannot_go(cast: Cast) -> None:
    write_mark(cast.pupils[0], cast.school)
    with pytest.raises(IntegrityError, match="registers_mark still refers"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM registers_pupil WHERE id = %s", [cast.pupils[0].pk])


@pytest.mark.django_db(transaction=True)
def test_a_pupil_cannot_go_while_her_mark_is_being_written(cast: Cast) -> None:
    def delete() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM registers_pupil WHERE id = %s", [cast.pupils[0].pk])
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as elsewhere:
        with transaction.atomic():
            write_mark(cast.pupils[0], cast.school)
            deleted = elsewhere.submit(delete)
            with pytest.raises(TimeoutError):
                deleted.result(timeout=0.5)
        with pytest.raises(IntegrityError):
            deleted.result(timeout=60)
