"""The technician's status page: what runs, what failed, how old the last backup is; never a child."""

from collections import namedtuple
from datetime import UTC, date, datetime, time, timedelta

import pytest

from attendance_mis import status, ticks
from attendance_mis.models import BackupMade, ScheduledRun
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from tests.conftest import REGISTER_TIME, TODAY

pytestmark = pytest.mark.usefixtures("clock")
NIGHTLY = "registers.tasks.verify_record"


@pytest.fixture(autouse=True)
def _tasks(settings):
    settings.SCHOOL_TASKS = {NIGHTLY: "02:00", "letters.tasks.send_messages": None}


def ran(school, *, ended=True, fault=""):
    with acting_for(school):
        return ScheduledRun.objects.create(
            school=school,
            task=NIGHTLY,
            day=TODAY,
            started_at=REGISTER_TIME,
            ended_at=REGISTER_TIME if ended else None,
            fault=fault,
        )


def backed_up(hours):
    return BackupMade.objects.create(
        made_at=REGISTER_TIME - timedelta(hours=hours), name="attendance-1.tar.age", size=5_000_000, sha256="0" * 64
    )


def page(cast):
    return cast.client(Role.TECHNICIAN).get(cast.url("status/")).content.decode()


def test_a_technician_reads_the_state_and_no_child(cast):
    ticks.note_tick()
    backed_up(hours=7)
    ran(cast.school)
    text = page(cast)
    for said in ("PostgreSQL", "Tasks waiting", "11 March 2025 at 09:05:00", "Registers: verify record",
                 "12 Mar 2025, 02:00", "attendance-1.tar.age", "4.8 MB", "Letters: send messages"):  # fmt: skip
        assert said in text.replace("\xa0", " "), said
    for pupil in cast.pupils:
        assert pupil.legal_surname not in text


def test_everything_well_has_no_warning(cast):
    ticks.note_tick()
    backed_up(hours=7)
    ran(cast.school)
    assert not [each for each in status.of(cast.school).warnings if not each.startswith("Storage")]


@pytest.mark.parametrize(("hours", "sentence"), [(None, "No backup has been made yet."), (27, "older than 26 hours")])
def test_a_backup_that_is_missing_is_told(cast, hours, sentence):
    if hours:
        backed_up(hours)
    assert sentence in page(cast)


def test_a_backup_of_last_night_is_none_too_old(cast):
    backed_up(hours=26)
    assert "older than" not in page(cast)


def test_a_failure_and_a_still_clock_are_told(cast):
    ran(cast.school, ended=False, fault="ArithmeticError")
    text = page(cast)
    assert "Registers: verify record failed (ArithmeticError)" in text
    assert "The clock stands still" in text


def test_another_schools_runs_are_its_own(cast):
    ran(cast.other_school, ended=False, fault="ArithmeticError")
    assert "ArithmeticError" not in page(cast)


def test_a_full_disk_is_told(cast, monkeypatch):
    usage = namedtuple("Usage", "total used free")(1000, 950, 50)
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    assert "Storage is nearly full: 50" in page(cast).replace("\xa0", " ")


def test_a_task_is_told_in_words():
    assert status.words_of("registers.tasks.turn_old_n_into_o") == "Registers: turn old N into O"


@pytest.mark.parametrize(
    ("hour", "last", "due"),
    [
        (1, None, datetime(2025, 3, 11, 2, tzinfo=UTC)),
        (9, None, datetime(2025, 3, 11, 9, tzinfo=UTC)),
        (9, (date(2025, 3, 10), True), datetime(2025, 3, 11, 9, tzinfo=UTC)),
        (9, (date(2025, 3, 11), False), datetime(2025, 3, 11, 9, tzinfo=UTC)),
        (9, (date(2025, 3, 11), True), datetime(2025, 3, 12, 2, tzinfo=UTC)),
    ],
    ids=["before its hour", "never ran", "ran yesterday", "failed today", "ran today"],
)
def test_when_a_daily_task_is_due(hour, last, due):
    now = datetime(2025, 3, 11, hour, tzinfo=UTC)
    run = last and ScheduledRun(day=last[0], ended_at=now if last[1] else None)
    assert status.next_due(time(2), now, run) == due
