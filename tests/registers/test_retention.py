"""How long registers are kept (SI 2024/208 reg 7), and what of a school is due."""

from datetime import date

import pytest
from django.core.management import CommandError, call_command

from registers.calendar_rules import Session
from registers.models import Entry
from registers.retention import kept_from
from tests.conftest import REGISTER_TIME, TODAY


@pytest.mark.parametrize(
    ("today", "old_regulations", "first"),
    [
        (date(2025, 3, 11), False, date(2019, 3, 11)),
        (date(2028, 2, 29), False, date(2022, 2, 28)),
        (date(2025, 3, 11), True, date(2022, 3, 11)),
        (date(2027, 8, 19), True, date(2024, 8, 19)),
        (date(2029, 1, 1), True, date(2024, 8, 19)),
        (date(2031, 1, 1), True, date(2025, 1, 1)),
    ],
    ids=["six years", "29 February", "three years", "to the last old day", "no new day after three", "six again"],
)
def test_kept_from(today, old_regulations, first):
    assert kept_from(today, old_regulations=old_regulations) == first


def test_what_is_due_is_counted_by_year(cast, mark, clock, capsys):
    mark(*cast.pupils, day=date(2018, 9, 10))
    mark(*cast.pupils, day=date(2019, 3, 8))
    mark(*cast.pupils, day=date(2019, 3, 11))  # six years ago to the day: still kept
    mark(*cast.pupils, day=TODAY)
    Entry.objects.create(  # imported today, and the pack did not say when it was made
        school=cast.school,
        day=date(2017, 9, 11),
        session=Session.AM,
        at=REGISTER_TIME,
        source=Entry.Source.IMPORT,
        pupils=[cast.pupils[0].pk],
        codes=[1],
    )
    registration = cast.pupils[0].registrations.get()
    registration.leaving_date, registration.leaving_ground = date(2018, 12, 21), "a"
    registration.admission_date = date(2018, 9, 3)
    registration.save()
    call_command("propose_retention", school=cast.school.urn)
    lines = [line.split(maxsplit=2) for line in capsys.readouterr().out.splitlines()]
    assert lines[1:] == [
        ["2017", "1", "entries of the attendance register"],
        ["2018", "1", "entries of the attendance register"],
        ["2019", "1", "entries of the attendance register"],
        ["2018", "1", "spells of the admission register"],
        ["4", "rows", "of the registers are due. Nothing was deleted."],
    ]
    call_command("propose_retention", school=cast.other_school.urn)
    assert "Nothing is due." in capsys.readouterr().out


def test_an_unknown_school(db):
    with pytest.raises(CommandError, match="no school with URN"):
        call_command("propose_retention", school="999999")
