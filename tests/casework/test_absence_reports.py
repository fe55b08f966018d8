"""What a family says becomes a mark at once, a plan for the days to come, and can be undone."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from attendance_mis.permissions import Role
from attendance_mis.tenancy import acting_for
from casework.actions.absence import AskFirst, Rights, Told, decide_absence, note_evidence, report_absence, undo_absence
from casework.models import AbsenceReport, ContactRecord
from registers.actions.amending import Wanted, amend_mark
from registers.calendar_rules import Session
from registers.codes import by_number, code_for
from registers.facts import Slot
from registers.models import Amendment, Entry, Mark, PlannedAbsence
from tests.conftest import TODAY
from tests.factories import ContactFactory

pytestmark = pytest.mark.usefixtures("clock")
DECIDES, TEACHER = Rights(decide=True), Rights(decide=False)


def told(**given):
    values = {"source": "call", "who": "Ms Ahmed", "words": "a fever", "start": TODAY, "end": TODAY, "letter": "I"}
    return Told(**{**values, **given})


def report(cast, pupil=None, *, decided=True, rights=DECIDES, sure=False, by=Role.OFFICE, **given):
    pupils = pupil if isinstance(pupil, list) else [pupil or cast.pupils[0]]
    return report_absence(
        school=cast.school, pupils=pupils, told=told(**given), decided=decided, by=cast.actor(by), rights=rights,
        sure=sure,
    )  # fmt: skip


def mark(cast, letter, pupil=None, day=TODAY, session=Session.AM):
    slot = Slot((pupil or cast.pupils[0]).pk, day, session)
    amend_mark(school=cast.school, wanted=Wanted(slot, letter, 0), reason="x", by=cast.actor(Role.OFFICE))


def marks(pupil):
    return {(row.day, row.session): (by_number(row.code).letter, row.note) for row in Mark.objects.filter(pupil=pupil)}


def test_the_open_register_has_it_at_once_and_the_afternoon_is_prefilled(cast):
    [made] = report(cast)
    assert marks(cast.pupils[0]) == {(TODAY, 1): ("I", "a fever")}
    assert Entry.objects.latest("id").source == Entry.Source.OFFICE
    assert not Amendment.objects.exists(), "the register is still being taken"
    plan = PlannedAbsence.objects.get()
    assert (plan.kind, plan.start_session, plan.end) == ("reported", Session.PM, TODAY)
    row = AuditRow.objects.get(verb="record_absence")
    assert row.pupil_id == cast.pupils[0].pk
    assert "a fever" in row.summary
    record = ContactRecord.objects.get()
    assert (record.kind, record.outcome, record.said) == ("call", "answered", "a fever")
    assert made.proposed == made.decided == code_for("I", TODAY).number


def test_several_days_and_children_at_once(cast):
    made = report(cast, [cast.pupils[0], cast.other_pupils[0]], end=date(2025, 3, 13), expected_back=date(2025, 3, 14))
    assert len({each.together for each in made}) == 1
    assert [plan.end for plan in PlannedAbsence.objects.all()] == [date(2025, 3, 13)] * 2
    assert AuditRow.objects.filter(verb="record_absence").count() == 2


def test_days_that_are_past_are_amended(cast, clock):
    yesterday = TODAY - timedelta(1)
    for session in Session:
        mark(cast, "N", day=yesterday, session=session)
    report(cast, start=yesterday)
    found = marks(cast.pupils[0])
    assert [found[yesterday, session][0] for session in (1, 2)] == ["I", "I"]
    amended = Amendment.objects.filter(amended=code_for("I", TODAY).number)
    assert amended.count() == 2
    assert "a fever" in amended[0].reason


def test_marked_present_is_asked_about_first(cast):
    mark(cast, "/")
    with pytest.raises(AskFirst, match="Is it the right child"):
        report(cast)
    assert not AbsenceReport.objects.exists()
    report(cast, sure=True)
    assert marks(cast.pupils[0])[TODAY, 1][0] == "I"


def test_the_wrong_sibling_is_asked_about(cast):
    here, missing = cast.pupils[0], cast.other_pupils[0]
    for child in (here, missing):
        ContactFactory(pupil=child)
    mark(cast, "/", here)
    mark(cast, "N", missing)
    with pytest.raises(AskFirst, match=f"{missing} of 4B"):
        report(cast, here)


def test_two_people_report_the_same_child(cast):
    report(cast)
    with pytest.raises(AskFirst, match="recorded an absence"):
        report(cast, words="the dentist", letter="M")


def test_a_class_teacher_proposes_and_the_office_decides(cast):
    [made] = report(cast, rights=TEACHER, by=Role.TEACHER, source="teacher")
    assert marks(cast.pupils[0]) == {(TODAY, 1): ("N", "a fever")}
    assert (made.decided, PlannedAbsence.objects.count()) == (None, 0)
    decide_absence(report=made, letter="M", by=cast.actor(Role.OFFICE), rights=DECIDES)
    made.refresh_from_db()
    assert marks(cast.pupils[0])[TODAY, 1][0] == "M"
    assert (by_number(made.proposed).letter, by_number(made.decided).letter) == ("I", "M")
    assert PlannedAbsence.objects.get().kind == "appointment"
    with pytest.raises(Refused):
        decide_absence(report=made, letter="I", by=cast.actor(Role.OFFICE), rights=DECIDES)


def test_a_class_teacher_changes_no_register_that_has_closed(cast, clock):
    clock.shift(timedelta(hours=1))
    report(cast, rights=TEACHER, by=Role.TEACHER, source="teacher")
    assert marks(cast.pupils[0]) == {}


@pytest.mark.parametrize("hours", [0, 1])
def test_undo(cast, clock, hours):
    [made] = report(cast, end=date(2025, 3, 13))
    clock.shift(timedelta(hours=hours))
    undo_absence(report=made, because="It was her brother", by=cast.actor(Role.OFFICE))
    after = {} if hours == 0 else {(TODAY, 1): ("N", "")}
    assert {slot: (letter, "") for slot, (letter, _) in marks(cast.pupils[0]).items()} == after
    assert not PlannedAbsence.objects.standing().filter(end__gte=TODAY).exists()
    with pytest.raises(Refused):
        undo_absence(report=made, because="", by=cast.actor(Role.OFFICE))


def test_undo_gives_back_what_stood_there_but_not_what_was_changed_since(cast):
    mark(cast, "/")
    [made] = report(cast, sure=True)
    undo_absence(report=made, because="wrong child", by=cast.actor(Role.OFFICE))
    assert marks(cast.pupils[0])[TODAY, 1][0] == "/"
    [made] = report(cast, sure=True)
    version = Mark.objects.get(pupil=cast.pupils[0]).entry_id
    slot = Slot(cast.pupils[0].pk, TODAY, Session.AM)
    amend_mark(school=cast.school, wanted=Wanted(slot, "L", version, 10), reason="came in", by=cast.actor(Role.OFFICE))
    undo_absence(report=made, because="wrong child", by=cast.actor(Role.OFFICE))
    assert marks(cast.pupils[0])[TODAY, 1][0] == "L"


def test_before_the_register_opens_it_is_planned(cast, clock):
    clock.shift(timedelta(hours=-1))
    report(cast)
    assert marks(cast.pupils[0]) == {}
    assert PlannedAbsence.objects.get().start_session == Session.AM


def test_a_new_report_takes_the_place_of_the_days_to_come(cast):
    report(cast, end=date(2025, 3, 14))
    report(cast, end=date(2025, 3, 12), words="better on Thursday", sure=True)
    assert [plan.end for plan in PlannedAbsence.objects.standing()] == [date(2025, 3, 12)]


def test_evidence_is_asked_for_and_comes(cast, clock):
    [made] = report(cast, ask_for_evidence=True)
    assert list(AbsenceReport.objects.awaiting_evidence()) == [made]
    clock.shift(timedelta(days=1))
    note_evidence(report=made, evidence="received", note="Appointment card", by=cast.actor(Role.OFFICE))
    made.refresh_from_db()
    assert (made.asked_on, made.received_on) == (TODAY, TODAY + timedelta(1))
    assert AuditRow.objects.filter(verb="note_medical_evidence").count() == 1


def test_nothing_is_left_when_the_trail_can_not_be_written(cast, monkeypatch):
    def fail(*args, **kwargs):
        raise ArithmeticError

    with monkeypatch.context() as broken:
        broken.setattr("casework.actions.absence._record", fail)
        with pytest.raises(ArithmeticError):
            report(cast)
    assert not AbsenceReport.objects.exists()
    assert not Mark.objects.exists()
    assert not PlannedAbsence.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_reports_at_the_same_moment_one_is_asked(cast):
    outcomes = []

    def work():
        with acting_for(cast.school):
            try:
                report(cast)
                outcomes.append("recorded")
            except AskFirst:
                outcomes.append("asked")
        connection.close()

    both = [threading.Thread(target=work) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(outcomes) == ["asked", "recorded"]
    assert AbsenceReport.objects.count() == ContactRecord.objects.count() == 1
