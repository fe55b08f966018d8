"""Everything that is held about one child, found by following the tables themselves.

Nobody keeps a list of what to export: every table of a school that refers to the child, over however many steps, is
part of it, so what a later version stores is exported too (UK GDPR Article 15; Data Protection Act 2018 s.45).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models

from attendance_mis.models import User
from attendance_mis.promises import promised
from attendance_mis.tenancy import SchoolOwned
from registers import codes
from registers.calendar_rules import Session
from registers.models import Contact, Entry, Pupil

REMOVED = "[removed]"
CODES = {"code", "original", "amended", "proposed_code", "decided_code"}
# What is about another person. By name, since the floors above stand above.
STAFF = ("by_name", "by_position", "_by", "_by_name", "changed_by", "lead", "owner")
CONTACT = ("addressee", "address", "email", "number", "told_to")


@dataclass(frozen=True, slots=True)
class Redaction:
    """Which third parties are blacked out: UK GDPR Article 15(4), the rights and freedoms of others."""

    staff: bool = False
    contacts: bool = False


@dataclass(slots=True)
class Table:
    """The rows of one table that are about the child, as text."""

    name: str
    key: str
    columns: list[str]
    rows: list[list[str]]
    files: dict[str, bytes] = field(default_factory=dict)


def tables(pupil: Pupil, redaction: Redaction) -> Iterator[Table]:
    """Each table with rows about the child, hers first; the number of queries depends on the tables only."""
    people = {} if redaction.staff else dict(User.objects.values_list("pk", "name"))
    for model, lookup in paths().items():
        table = _table(model, lookup, pupil, redaction, people)
        if table.rows:
            yield table
    entered = _entered(pupil, redaction)
    if entered.rows:
        yield entered


@cache
def paths() -> dict[type[models.Model], str]:
    """Each model that holds rows about one child, with the lookup from it to the child's id."""
    found: dict[type[models.Model], str] = {Pupil: "pk"}
    to_follow: list[type[models.Model]] = [Pupil]
    for target in to_follow:
        for relation in target._meta.get_fields(include_hidden=True):
            if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)):
                continue
            model = promised(relation.related_model)
            if model not in found and issubclass(model, SchoolOwned):
                name = relation.field.name
                found[model] = f"{name}__{found[target]}" if target is not Pupil else f"{name}_id"
                to_follow.append(model)
    for model in apps.get_models():
        is_plain = any(each.name == "pupil_id" for each in model._meta.concrete_fields)
        if is_plain and issubclass(model, SchoolOwned) and model not in found:
            found[model] = "pupil_id"
    return found


def _table(model: type[models.Model], lookup: str, pupil: Pupil, redaction: Redaction, people: dict[int, str]) -> Table:
    meta = model._meta
    fields = [each for each in meta.concrete_fields if each.name != "school"]
    binary = [each for each in fields if isinstance(each, models.BinaryField)]
    shown = [each for each in fields if each not in binary]
    found = model._default_manager.filter(**{lookup: pupil.pk}).order_by("pk").distinct()
    table = Table(str(meta.verbose_name_plural), meta.label_lower, [str(each.verbose_name) for each in shown], [])
    for row in found:
        table.rows.append([_text(each, row, redaction, people) for each in shown])
        for each in binary:
            if content := bytes(getattr(row, each.attname) or b""):
                table.files[f"{meta.label_lower}-{row.pk}-{each.name}{_ending(content)}"] = content
    return table


def _text(each: models.Field, row: models.Model, redaction: Redaction, people: dict[int, str]) -> str:
    value = getattr(row, each.attname)
    if value is None or value == "":
        return ""
    if redaction.staff and _is_staff(each):
        return REMOVED
    if redaction.contacts and _is_contact(each, row):
        return REMOVED
    if each.name in CODES and isinstance(value, int):
        return codes.by_number(value).letter
    if isinstance(each, models.ForeignKey) and each.related_model is User:
        return people.get(value, str(value))
    if each.choices:
        return str(getattr(row, f"get_{each.name}_display")())
    if isinstance(each, ArrayField):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _is_staff(each: models.Field) -> bool:
    return (isinstance(each, models.ForeignKey) and each.related_model is User) or each.name.endswith(STAFF)


def _is_contact(each: models.Field, row: models.Model) -> bool:
    if isinstance(row, Contact):
        return each.name not in {"id", "pupil", "priority", "relationship", "parental_responsibility"}
    return each.name in CONTACT


def _entered(pupil: Pupil, redaction: Redaction) -> Table:
    """What was entered of her marks: a row of `registers_entry` holds a whole class, of which only she is shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT e.day, e.session, e.at, e.by_name, e.by_position, e.source, x.code, x.minutes, x.note
            FROM registers_entry e CROSS JOIN LATERAL unnest(e.pupils, e.codes, e.minutes, e.notes)
                 AS x (pupil_id, code, minutes, note)
            WHERE e.school_id = %s AND e.pupils @> ARRAY[%s] AND x.pupil_id = %s ORDER BY e.id
            """,
            [pupil.school_id, pupil.pk, pupil.pk],
        )
        found = cursor.fetchall()
    rows: list[list[Any]] = []
    for day, session, at, name, position, source, code, minutes, note in found:
        by = REMOVED if redaction.staff else f"{name}, {position}"
        letter = "taken back" if code is None else codes.by_number(code).letter
        source = Entry.Source(source).label
        rows.append([day, Session(session).name, at, by, source, letter, minutes or "", note or ""])
    return Table(
        "entries in registers",
        "registers.entry",
        ["day", "session", "at", "by", "from", "code", "minutes late", "note"],
        [[str(value) for value in row] for row in rows],
    )


def _ending(content: bytes) -> str:
    return ".pdf" if content.startswith(b"%PDF") else ".png" if content.startswith(b"\x89PNG") else ".csv"
