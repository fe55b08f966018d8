"""Marks by academic year: each in the partition of its day, next year's made in time, the key of an old one packed."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection

from registers import mark_years

pytestmark = pytest.mark.django_db(transaction=True)


def asked(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def partitions() -> list[str]:
    return asked("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'registers_mark'::regclass")


def years() -> list[int]:
    return sorted(int(name[-4:]) for name in partitions() if name[-4:].isdigit())


def fill(first: date, last: date, pupils: int = 1) -> None:
    """Marks of no school: what is asked here is where they lie."""
    asked(
        "SET session_replication_role = replica; "
        "INSERT INTO registers_mark (day, code, session, entry_id, school_id, pupil_id) "
        f"SELECT day, 101, 1, 1, 1, p FROM generate_series('{first}'::date, '{last}', '1 day') day, "
        f"generate_series(1, {pupils}) p; RESET session_replication_role"
    )


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    before = years()
    yield
    asked("DELETE FROM registers_mark")
    if made := [year for year in years() if year not in before]:
        asked(f"DROP TABLE {', '.join(f'registers_mark_{year}' for year in made)}, registers_mark_after")
        asked(
            "CREATE TABLE registers_mark_after PARTITION OF registers_mark "
            f"FOR VALUES FROM ('{max(before) + 1}-08-01') TO (MAXVALUE)"
        )


def test_years_follow_without_a_gap_and_every_day_has_its_place():
    before = years()
    mark_years.keep(date(max(before) + 2, 9, 1))  # the worker stood still for a year
    assert years() == [*before, max(before) + 1, max(before) + 2, max(before) + 3]
    for day in (date(min(before), 7, 31), date(min(before), 8, 1), date(max(before) + 1, 7, 31), date(2099, 8, 1)):
        fill(day, day)
    assert asked("SELECT tableoid::regclass::text FROM registers_mark ORDER BY day") == [
        "registers_mark_before",
        f"registers_mark_{min(before)}",
        f"registers_mark_{max(before)}",
        "registers_mark_after",
    ]


def test_marks_of_a_year_to_come_are_no_hindrance():
    before = years()
    fill(date(max(before) + 1, 9, 1), date(max(before) + 1, 9, 1))
    mark_years.keep(date(max(before) + 1, 9, 1))
    assert years() == before
    assert asked("SELECT count(*) FROM registers_mark") == [1]


def test_the_key_of_a_year_is_packed_when_it_has_settled(monkeypatch):
    monkeypatch.setattr(mark_years, "SMALL", 0)
    year = years()[-1]
    for week in range(1, 29, 7):  # as schools write: each class at many places of the key
        fill(date(year, 10, week), date(year, 10, week + 6), pupils=400)
    key = f"registers_mark_{year}_pkey"
    mark_years.keep(date(year + 1, 9, 1))
    (before,) = asked(f"SELECT pg_relation_size('{key}')")
    mark_years.keep(date(year + 1, 10, 2))
    (after,) = asked(f"SELECT pg_relation_size('{key}')")
    assert after < 0.8 * before
    assert asked(
        f"SELECT count(*) FROM pg_index WHERE indrelid = 'registers_mark_{year}'::regclass AND indisvalid"
    ) == [2]
    (made,) = asked(f"SELECT '{key}'::regclass::oid::int || '/' || pg_relation_filenode('{key}')")
    mark_years.keep(date(year + 1, 10, 3))
    assert asked(f"SELECT '{key}'::regclass::oid::int || '/' || pg_relation_filenode('{key}')") == [made], "once"
