"""The tick finds out what is due at each school, in its own time zone; a day's task runs once."""

from datetime import UTC, date, datetime, timedelta

import pytest

from attendance_mis import schedule
from attendance_mis.models import AuditRow, Block, ScheduledRun, School
from attendance_mis.tenancy import acting_for, schools_in_scope
from registers import tasks
from tests.conftest import REGISTER_TIME

TASKS = {"app.tasks.always": None, "app.tasks.nightly": "01:00"}
DAY = date(2025, 7, 1)


@pytest.fixture(autouse=True)
def _tasks(settings):
    settings.SCHOOL_TASKS = TASKS


def due(moment, school):
    return [
        arguments[1:] for task, arguments in schedule.due(moment) if arguments[0] == school.pk and "nightly" in task
    ]


def test_a_night_begins_by_the_schools_own_clock(cast):
    School.objects.filter(pk=cast.other_school.pk).update(timezone="Asia/Dubai")
    moment = datetime(2025, 7, 1, 0, 30, tzinfo=UTC)  # 01:30 in London, 04:30 in Dubai
    assert due(moment, cast.school) == due(moment, cast.other_school) == [["2025-07-01"]]
    moment = datetime(2025, 6, 30, 21, 30, tzinfo=UTC)  # 22:30 in London, 01:30 of the next day in Dubai
    assert due(moment, cast.other_school) == [["2025-07-01"]]
    assert due(moment, cast.school) == [["2025-06-30"]]


def test_what_ran_well_is_not_due_again(cast):
    moment = datetime(2025, 7, 1, 3, tzinfo=UTC)
    run = ScheduledRun.objects.create(school=cast.school, task="app.tasks.nightly", day=DAY, started_at=moment)
    assert due(moment, cast.school) == [["2025-07-01"]]
    run.ended_at = moment
    run.save()
    assert due(moment, cast.school) == []
    assert due(moment + timedelta(1), cast.school) == [["2025-07-02"]]


def test_every_tick_is_every_tick(cast):
    sent = [task for task, arguments in schedule.due(REGISTER_TIME) if arguments == [cast.school.pk]]
    assert sent == ["app.tasks.always"]


def test_a_days_task_runs_once_however_often_it_is_sent(cast, clock):
    for _ in range(3):
        tasks.verify_record(cast.school.pk, "2025-03-11")
    assert AuditRow.objects.filter(verb="verify_record").count() == 1
    assert ScheduledRun.objects.get().ended_at == REGISTER_TIME


def test_a_failure_is_seen_and_tried_again(cast, clock, monkeypatch):
    def fail(**kwargs):
        raise ArithmeticError

    with monkeypatch.context() as broken:
        broken.setattr("registers.actions.sealing.verify_record", fail)
        with pytest.raises(ArithmeticError):
            tasks.verify_record(cast.school.pk, "2025-03-11")
    assert ScheduledRun.objects.get().fault == "ArithmeticError"
    tasks.verify_record(cast.school.pk, "2025-03-11")
    assert not AuditRow.objects.exists(), "not again at once"
    clock.shift(schedule.TRIED_AGAIN_AFTER + timedelta(seconds=1))
    tasks.verify_record(cast.school.pk, "2025-03-11")
    assert AuditRow.objects.get().verb == "verify_record"
    assert ScheduledRun.objects.get().fault == ""


def test_a_task_sees_its_own_school_only(cast):
    seen = []

    @schedule.school_task
    def look(school_id):
        seen.append(schools_in_scope())

    with acting_for(cast.other_school):
        look(cast.school.pk)
        assert schools_in_scope() == (cast.other_school.pk,)
    assert seen == [(cast.school.pk,)]


def test_sealing_twice_seals_once(cast, clock):
    ScheduledRun.objects.all().delete()
    tasks.verify_record(cast.school.pk, "2025-03-11")
    for _ in range(2):
        tasks.seal_record(cast.school.pk)
    assert Block.objects.get().count == 1
