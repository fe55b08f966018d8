"""Marks for tests, entered as the application enters them."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from registers.actions.marking import Change, Entered, enter_marks
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import ClassGroup, Entry, Pupil, Register
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.factories import LONDON

Mark = Callable[..., Entered]


@pytest.fixture
def mark(cast: Cast) -> Mark:
    """`mark(pupil, letter="N", day=day)` enters a code, by the teacher at 09:05 of the day; None takes it back."""

    def mark(
        *pupils: Pupil, letter: str | None = "/", day: date = TODAY, session: Session = Session.AM, version: int = 0
    ) -> Entered:
        at = datetime.combine(day, REGISTER_TIME.timetz())
        number = code_for(letter, day).number if letter else None
        return enter_marks(
            school_id=cast.school.pk,
            day=day,
            session=session,
            changes=[Change(p.pk, number, version) for p in pupils],
            by=cast.actor("teacher"),
            at=at,
            made_at=at,
            source=Entry.Source.TEACHER,
        )

    return mark


def send(cast: Cast, class_group: ClassGroup, day: date = TODAY, session: Session = Session.AM) -> Register:
    """The class's register of a session, sent at a quarter past nine."""
    sent_at = datetime(day.year, day.month, day.day, 9, 15, tzinfo=LONDON)
    return Register.objects.create(
        school=cast.school,
        class_group=class_group,
        day=day,
        session=session,
        opened_at=sent_at,
        sent_at=sent_at,
        sent_by=cast.people["teacher"],
    )
