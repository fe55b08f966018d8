"""A school whose marks a test writes in one line."""

from collections.abc import Callable
from datetime import date

import pytest

from registers.codes import code_for
from registers.models import Mark, PolicyVersion, Pupil, SchoolDay
from tests.conftest import TODAY, Cast

Attend = Callable[..., None]


@pytest.fixture
def attend(cast: Cast) -> Attend:
    """`attend(pupil, "N", days=5)`: the last so many school days up to `until` are all this code.

    The days before, from the start of the year, are present unless `before` says otherwise; what stood there goes.
    """

    def attend(pupil: Pupil, letter: str = "N", *, days: int = 0, until: date = TODAY, before: str = "/") -> None:
        year = SchoolDay.objects.filter(day__range=(date(2024, 9, 1), until)).order_by("day")
        dates = list(year.values_list("day", flat=True))
        Mark.objects.filter(pupil=pupil, day__in=dates).delete()
        letters = [before] * (len(dates) - days) + [letter] * days
        Mark.objects.bulk_create(
            Mark(
                school=cast.school,
                pupil=pupil,
                day=day,
                session=session,
                code=code_for("\\" if each == "/" and session == 2 else each, day).number,
                entry_id=0,
            )
            for day, each in zip(dates, letters, strict=True)
            for session in (1, 2)
        )

    return attend


def work_by(cast: Cast, preset: str, in_force_from: date | None = None) -> None:
    """Let the school work by a preset."""
    PolicyVersion.objects.create(
        school=cast.school,
        in_force_from=in_force_from,
        document={"preset": preset},
        changed_at="2024-09-01T00:00Z",
        changed_by="Import",
    )
