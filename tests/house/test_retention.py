"""Every table has a rule of keeping, and the rule fits the table."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from attendance_mis import sessions
from attendance_mis.models import Session, User
from attendance_mis.models.audit import AppendOnlyLog
from attendance_mis.tenancy import SchoolOwned
from registers import disposals, subject_access
from registers.kept_tables import TABLES, How, Kept
from registers.models import Mark
from registers.retention import CATEGORIES

MODELS = {model._meta.label: model for model in apps.get_models()}
RULES = [pytest.param(label, kept, id=label) for label, kept in TABLES.items()]


@pytest.mark.parametrize("label", MODELS)
def test_it_has_a_rule(label: str) -> None:
    assert label in TABLES, f"Say in registers/kept_tables.py how long {label} is kept."


def test_no_rule_is_left_over() -> None:
    assert set(TABLES) <= set(MODELS)


@pytest.mark.parametrize(("label", "kept"), RULES)
def test_its_rule_fits(label: str, kept: Kept) -> None:
    model = MODELS[label]
    is_log = issubclass(model, AppendOnlyLog)
    match kept.how:
        case How.BLOCK:
            assert is_log
        case How.DAY:
            assert isinstance(model._meta.get_field("day"), models.DateField)
        case How.CHILD:
            owned = [label.lower() for label in disposals.OWNED.values()]
            assert model in subject_access.paths() or label.lower() in owned
        case How.DATED:
            assert kept.ends
            assert all(isinstance(model._meta.get_field(each), models.DateField) for each in kept.ends)
            assert issubclass(model, SchoolOwned) or "school" in {field.name for field in model._meta.fields}
        case How.STAFF:
            assert model is User or "user" in {field.name for field in model._meta.fields}
        case How.SWEPT | How.STAYS:
            assert kept.why
    if kept.how in (How.SWEPT, How.STAYS):
        assert not kept.category
    else:
        assert kept.category in CATEGORIES
    assert not is_log or kept.how in (How.BLOCK, How.STAYS), "a sealed log goes by block or not at all"


def test_what_leads_to_a_child_never_just_stays() -> None:
    """A child could not go while it is there. The audit trail outlives its subject by design."""
    staying = {MODELS[label] for label, kept in TABLES.items() if kept.how is How.STAYS}
    assert not staying & set(subject_access.paths())


def test_every_category_is_told_to_the_officer() -> None:
    page = re.sub(r"\s+", " ", Path("docs/data-protection.md").read_text())
    for name, category in CATEGORIES.items():
        assert re.search(rf"\| (\w+, )*{name}\b", page), f"docs/data-protection.md has no row of {category.title}"


@pytest.mark.django_db
def test_a_session_that_is_over_is_swept() -> None:
    now = datetime.now(UTC)
    for key, ends in (("old", now - timedelta(days=1)), ("new", now + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
    sessions.sweep()
    assert set(Session.objects.filter(session_key__in=["old", "new"]).values_list("session_key", flat=True)) == {"new"}


def test_marks_go_with_their_entries() -> None:
    """By entry, not by day: what an entry made goes when it goes."""
    assert Mark._meta.db_table not in disposals.of_a_day()
