from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction

from attendance_mis import clock
from tests.factories import LONDON, SchoolFactory

SUNDAY = datetime(2026, 11, 22, 19, 30, tzinfo=LONDON)


@time_machine.travel(SUNDAY, tick=False)
def test_a_real_school_has_the_true_time_whatever_is_set():
    school = SchoolFactory.build(clock_offset=timedelta(days=-2))
    assert clock.now(school) == SUNDAY
    assert clock.today(school) == date(2026, 11, 22)


@time_machine.travel(SUNDAY, tick=False)
def test_a_demonstration_has_the_time_somebody_set():
    school = SchoolFactory.build(is_demo=True)
    assert clock.now(school) == SUNDAY
    school.clock_offset = timedelta(days=-2)
    assert clock.now(school) == datetime(2026, 11, 20, 19, 30, tzinfo=LONDON)


@time_machine.travel(datetime(2026, 6, 30, 23, 30, tzinfo=UTC), tick=False)  # half past midnight in London
def test_the_day_is_that_of_the_school():
    assert clock.today(SchoolFactory.build()) == date(2026, 7, 1)
    assert clock.today(SchoolFactory.build(timezone="UTC")) == date(2026, 6, 30)


def test_the_database_refuses_a_real_school_a_clock_of_its_own(db):
    with pytest.raises(IntegrityError, match="only_a_demo_has_a_clock_of_its_own"), transaction.atomic():
        SchoolFactory(clock_offset=timedelta(days=-2))
    SchoolFactory(is_demo=True, clock_offset=timedelta(days=-2))
