"""Letters that the clock proposes: by the calendar, once, and in a holiday only where the school says so."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance_mis.models import AuditRow
from letters.actions.proposing import propose_for_many
from letters.actions.scheduling import CLOCK, KINDS, change_schedule, is_due, run_if_due
from letters.actions.templates import template_for
from letters.models import Letter
from letters.occasions import Occasion
from registers.models import SchoolDay
from tests.conftest import TODAY
from tests.factories import LONDON, ContactFactory, make_class

pytestmark = pytest.mark.usefixtures("clock", "parents")


def first_and_last(half_term: int) -> tuple[date, date]:
    days = SchoolDay.objects.filter(half_term=half_term, academic_year=2024).order_by("day")
    return days.first().day, days.last().day


def holiday() -> tuple[date, date]:
    """A Monday and a Friday of the holiday between two half-terms."""
    monday, friday = date(2025, 2, 17), date(2025, 2, 21)
    assert not SchoolDay.objects.filter(day__range=(monday, friday)).exists()
    return monday, friday


def test_reports_are_due_on_the_first_school_day_after_a_half_term(cast):
    ends, begins = first_and_last(3)[1], first_and_last(4)[0]
    due = {
        day: is_due(cast.school, KINDS["reports"], day, in_holidays=True) for day in (ends, *holiday(), begins, TODAY)
    }
    assert [day for day, is_so in due.items() if is_so] == [begins]


def test_the_first_day_of_the_year_has_no_half_term_behind_it(cast):
    assert not is_due(cast.school, KINDS["reports"], first_and_last(1)[0], in_holidays=False)


@pytest.mark.parametrize(("kind", "which"), [("lateness", 1), ("evidence", 0)])
def test_a_holiday_proposes_nothing_unless_the_school_says_so(cast, kind, which):
    day = holiday()[which]
    assert run_if_due(school=cast.school, kind=kind, day=day) is None
    change_schedule(school=cast.school, kind=kind, is_on=True, in_holidays=True, by=cast.actor("head"))
    assert run_if_due(school=cast.school, kind=kind, day=day) is not None
    assert run_if_due(school=cast.school, kind=kind, day=holiday()[1 - which]) is None, "once a week, not each day"


def test_a_half_term_is_reported_once_to_every_family(cast, clock, attend):
    begins = first_and_last(4)[0]
    clock.move_to(datetime.combine(begins, datetime.min.time(), LONDON).replace(hour=7))
    everybody = len(cast.pupils) + len(cast.other_pupils)
    assert run_if_due(school=cast.school, kind="reports", day=begins) == everybody
    assert Letter.objects.filter(occasion=Occasion.REPORT).count() == everybody
    assert run_if_due(school=cast.school, kind="reports", day=begins) == 0, "a clock that ticks twice"


def test_many_are_proposed_with_as_many_queries_as_one(cast, clock):
    def queries(children):
        with CaptureQueriesContext(connection) as asked:
            assert propose_for_many(
                school=cast.school, occasion=Occasion.REPORT, by=CLOCK, class_group=children, key="reports:now"
            )
        return len(asked)

    one, _ = make_class(cast.school, "6A", 1)
    twelve, pupils = make_class(cast.school, "6B", 12)
    for child in pupils:
        ContactFactory(pupil=child)
        ContactFactory(pupil=child, priority=2, forename="Omar")
    template_for(cast.school, Occasion.REPORT)
    # Django saves two hundred copies at a time, and the copies of the one are none.
    assert queries(twelve) - queries(one) == 1
    letter = Letter.objects.filter(pupil__in=pupils)[0]
    assert (letter.key, letter.copies.count()) == (f"reports:now:{letter.pupil_id}", 2)
    assert AuditRow.objects.filter(verb="propose_letter").count() == 13


def test_what_is_switched_off_proposes_nothing(cast):
    change_schedule(school=cast.school, kind="reports", is_on=False, in_holidays=False, by=cast.actor("head"))
    assert run_if_due(school=cast.school, kind="reports", day=first_and_last(4)[0]) is None
    assert not Letter.objects.exists()
