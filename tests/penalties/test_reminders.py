"""Reminders of the days of payment: in the school's list, and as a proposed letter where the authority asks."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from letters.models import Letter
from penalties.actions import after, reminders
from penalties.amounts import FIRST, SECOND, period_of
from penalties.models import Readings
from penalties.readings import DEFAULTS, PenaltySettings, to_document, why_not_settings
from penalties.reminders import Reminder, reminder_due
from penalties.tasks import watch_thresholds
from registers.models import Contact
from tests.conftest import TODAY, Cast
from tests.factories import LONDON, ContactFactory
from tests.penalties.conftest import Absent
from tests.penalties.test_notices_of_a_school import HOME, issue

DAY_ONE = date(2025, 3, 13)
REDUCED, FULL = Reminder(80, date(2025, 4, 2), 160), Reminder(160, date(2025, 4, 9), None)


@pytest.mark.parametrize(
    ("on", "first", "second"),
    [
        pytest.param(date(2025, 3, 27), None, None, id="5.9 six days before day 21"),
        pytest.param(date(2025, 3, 28), REDUCED, None, id="5.9 five days before"),
        pytest.param(date(2025, 4, 2), REDUCED, None, id="5.9 on day 21"),
        pytest.param(date(2025, 4, 3), None, None, id="5.9 on day 22"),
        pytest.param(date(2025, 4, 4), FULL, FULL, id="5.9 before day 28"),
        pytest.param(date(2025, 4, 9), FULL, FULL, id="5.9 on day 28"),
        pytest.param(date(2025, 4, 10), None, None, id="5.22 when it is over"),
    ],
)
def test_when_a_reminder_is_due(on: date, first: Reminder | None, second: Reminder | None) -> None:
    """Five days before the last day of each amount; a second notice has one amount and one day."""
    assert reminder_due(FIRST, period_of(FIRST, DAY_ONE), on, 5) == first
    assert reminder_due(SECOND, period_of(SECOND, DAY_ONE), on, 5) == second


def test_how_long_before_has_bounds() -> None:
    assert not why_not_settings(DEFAULTS)
    assert "at least 1" in why_not_settings(replace(DEFAULTS, remind_days=0))[0]
    assert "at most 20" in why_not_settings(replace(DEFAULTS, remind_days=21))[0]


def evening(cast: Cast, clock: time_machine.Traveller, day: date) -> None:
    clock.move_to(datetime(day.year, day.month, day.day, 18, 30, tzinfo=LONDON))
    watch_thresholds(cast.school.pk, day.isoformat())


def test_only_where_the_authority_asks(cast: Cast, absent: Absent, clock: time_machine.Traveller) -> None:
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    notice = issue(cast, mother)
    evening(cast, clock, date(2025, 3, 28))
    assert not Letter.objects.exists()
    page = cast.client("manager").get(reverse("penalties:see_penalties", args=[cast.school.urn])).content.decode()
    assert "£80 up to 2 April, then £160" in page
    settings = asked_by_the_authority(cast)
    evening(cast, clock, date(2025, 3, 30))
    reminders.propose(school=cast.school, on=date(2025, 3, 30), settings=settings)
    first = Letter.objects.get()
    assert (first.occasion, first.contacts, first.given["pounds"]) == ("penalty_reminder", [mother.pk], 80)
    assert first.state == "proposed", "a person decides whether it goes"
    evening(cast, clock, date(2025, 4, 4))
    first.refresh_from_db()
    assert (first.state, first.decision_reason) == ("dropped", "Its day has passed.")
    second = Letter.objects.get(state="proposed")
    assert second.given["pay_until"] == "2025-04-09"
    after.answer(
        notice=notice, verb="record_payment", on=date(2025, 4, 4), pounds=160, said="List", by=cast.actor("manager")
    )
    second.refresh_from_db()
    assert second.state == "dropped"
    evening(cast, clock, date(2025, 4, 5))
    assert not Letter.objects.filter(state="proposed").exists()


def test_a_declined_reminder_does_not_come_back(cast: Cast, absent: Absent, clock: time_machine.Traveller) -> None:
    mother: Contact = ContactFactory(pupil=cast.pupils[0], **HOME)
    absent(mother.pupil, "O", 10)
    issue(cast, mother)
    settings = asked_by_the_authority(cast)
    clock.move_to(datetime(2025, 3, 28, 18, tzinfo=LONDON))
    assert reminders.propose(school=cast.school, on=date(2025, 3, 28), settings=settings) == 1
    Letter.objects.update(state="dropped", decided_at=datetime(2025, 3, 28, 19, tzinfo=LONDON))
    for day in range(1, 4):
        reminders.propose(school=cast.school, on=date(2025, 3, 28) + timedelta(days=day), settings=settings)
    assert Letter.objects.count() == 1


def asked_by_the_authority(cast: Cast) -> PenaltySettings:
    """The readings of a school whose authority wants parents reminded."""
    made = Readings.objects.create(
        school=cast.school,
        in_force_from=TODAY,
        changed_on=TODAY,
        document=to_document(DEFAULTS) | {"remind_parents": True},
    )
    return made.settings
