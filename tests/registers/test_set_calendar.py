"""The calendar changes with its school days, or not at all; no mark is left without its session."""

from datetime import date

import pytest

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from registers.actions.calendar import calendar_change, set_calendar
from registers.actions.marking import Change, enter_marks
from registers.calendar_rules import Period, Session
from registers.codes import code_for
from registers.models import CalendarEntry, Entry, Pupil, SchoolDay
from tests.conftest import REGISTER_TIME, TODAY

INSET = Period(date(2025, 6, 2), date(2025, 6, 2), "inset")


def save(cast, **change):
    return set_calendar(school=cast.school, by=cast.actor("manager"), **change)


def mark(cast, day=TODAY):
    present = code_for("/", day).number
    enter_marks(
        school_id=cast.school.pk,
        day=day,
        session=Session.AM,
        changes=[Change(pupil.pk, present, 0) for pupil in cast.pupils],
        by=cast.actor("teacher"),
        at=REGISTER_TIME,
        made_at=REGISTER_TIME,
        source=Entry.Source.TEACHER,
    )


def test_an_inset_day_takes_its_sessions_away_and_is_recorded(cast, clock):
    before = SchoolDay.objects.count()
    change = save(cast, add=[INSET])
    assert (change.years[0].before - change.years[0].after, change.years[0].name) == (2, "2024/25")
    assert SchoolDay.objects.count() == before - 1
    assert not SchoolDay.objects.filter(day=INSET.start).exists()
    row = AuditRow.objects.get(verb="set_calendar")
    assert "added inset (2025-06-02)" in row.summary
    assert Pupil.objects.filter(changed_at=REGISTER_TIME).count() == Pupil.objects.count()


def test_half_a_day_closed_leaves_the_other_session(cast):
    save(cast, add=[Period(TODAY, TODAY, "closure", "Polling", Session.PM)])
    day = SchoolDay.objects.get(day=TODAY)
    assert (day.am, day.pm) == (True, False)


def test_removing_gives_the_sessions_back(cast):
    save(cast, add=[INSET])
    save(cast, remove=[INSET])
    assert SchoolDay.objects.filter(day=INSET.start, am=True, pm=True).exists()


def test_a_session_with_marks_is_never_lost(cast):
    mark(cast)
    with pytest.raises(Refused, match=r"Tuesday 11 March 2025 AM \(5 marks\)"):
        save(cast, add=[Period(TODAY, TODAY, "closure")])
    assert SchoolDay.objects.filter(day=TODAY, am=True).exists()
    assert not CalendarEntry.objects.filter(kind="closure").exists()


def test_the_other_half_of_a_marked_day_may_close(cast):
    mark(cast)
    save(cast, add=[Period(TODAY, TODAY, "closure", "", Session.PM)])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"add": [Period(date(2025, 3, 3), date(2025, 5, 2), "HT5")]}, "overlaps"),
        ({"add": [Period(date(2025, 9, 5), date(2025, 9, 1), "HT1")]}, "before the start"),
        ({"remove": [INSET]}, "no longer in the calendar"),
        ({"add": [Period(date(2025, 5, 5), date(2025, 5, 5), "bank_holiday")]}, "already"),
    ],
)
def test_refusals_write_nothing(cast, change, reason):
    before = list(CalendarEntry.objects.values_list("pk", "start"))
    with pytest.raises(Refused, match=reason):
        save(cast, **change)
    assert list(CalendarEntry.objects.values_list("pk", "start")) == before


def test_nothing_is_changed_when_the_audit_fails(cast, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError, match="no audit"):
        save(cast, add=[INSET])
    assert SchoolDay.objects.filter(day=INSET.start).exists()


def test_what_follows_is_told_before_and_writes_nothing(cast):
    mark(cast)
    change = calendar_change(add=[Period(TODAY, TODAY, "closure")])
    assert change.stranded == (((TODAY, Session.AM), 5),)
    assert len(change.lost) == 2
    assert SchoolDay.objects.filter(day=TODAY).exists()


def test_another_schools_calendar_is_untouched(cast):
    save(cast, add=[INSET])
    from attendance_mis.tenancy import acting_for

    with acting_for(cast.other_school):
        assert SchoolDay.objects.filter(day=INSET.start).exists()
