"""A school whose marks a test writes one session at a time."""

from collections.abc import Callable
from datetime import date

import pytest

from registers.actions.amending import Wanted, amend_mark
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.facts import Slot
from registers.models import Mark, Pupil, SchoolDay
from tests.conftest import TODAY, Cast

Absent = Callable[..., list[tuple[date, int]]]


@pytest.fixture
def absent(cast: Cast) -> Absent:
    """`absent(pupil, "O", 9)`: the last so many sessions up to `until` have this code; returns day and session."""

    def absent(pupil: Pupil, letter: str = "O", sessions: int = 10, until: date = TODAY) -> list[tuple[date, int]]:
        days = SchoolDay.objects.filter(day__lte=until).order_by("-day").values_list("day", flat=True)[:60]
        slots = [(day, session) for day in days for session in (2, 1)][:sessions]
        Mark.objects.filter(pupil=pupil, day__in={day for day, _ in slots}).delete()
        Mark.objects.bulk_create(
            Mark(school_id=pupil.school_id, pupil=pupil, day=day, session=session, code=code_for(letter, day).number,
                 entry_id=0)
            for day, session in slots
        )  # fmt: skip
        return slots[::-1]

    return absent


def amend(cast: Cast, pupil: Pupil, slot: tuple[date, int], letter: str) -> None:
    """Change a mark as the office does, with a reason."""
    wanted = Wanted(Slot(pupil.pk, slot[0], Session(slot[1])), letter, 0)
    amend_mark(school=cast.school, wanted=wanted, reason="The doctor's note came.", by=cast.actor("office"))
