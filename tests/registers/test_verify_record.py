"""The record is proven: altered by direct SQL, each table shows it; by ordinary SQL none can be altered."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from attendance_mis import audit, seals
from registers import record, tasks
from registers.actions import sealing
from registers.actions.amending import Wanted, amend_mark
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.facts import Slot
from registers.models import Amendment, Entry, Mark
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import LONDON
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")
ILL = code_for("I", TODAY).number
CLOSES = datetime(2025, 3, 11, 9, 25, tzinfo=LONDON)
LOGS = [log._meta.db_table for log in seals.sealed_logs()]


@pytest.fixture
def record_of_a_day(cast, mark, clock):
    """Three marks, one of them amended after the register was sent; all of it sealed."""
    first, *rest = cast.pupils[:3]
    mark(*rest)
    version = mark(first, letter="N").entry_id
    send(cast, cast.own_class)
    clock.move_to(REGISTER_TIME + timedelta(hours=1))
    slot = Slot(first.pk, TODAY, Session.AM)
    amend_mark(school=cast.school, wanted=Wanted(slot, "I", version), reason="Called in", by=cast.actor("office"))
    seals.seal(cast.school)
    connection.check_constraints()
    return cast


def tamper(sql, *params):
    """As somebody with the keys of the database would."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, params)
        cursor.execute("SET LOCAL session_replication_role = origin")


def faults(cast):
    return [fault for check in record.verify(cast.school).checks for fault in check.faults]


def test_an_untouched_record_is_whole(record_of_a_day):
    verdict = record.verify(record_of_a_day.school)
    assert verdict.is_whole, faults(record_of_a_day)
    assert {check.what.split()[0]: check.count for check in verdict.checks}["marks"] == 3


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("UPDATE registers_mark SET code = %s WHERE code = 106", "is not what entry"),
        ("UPDATE registers_mark SET note = 'so' || %s", "is not what entry"),
        ("UPDATE registers_mark SET entry_id = entry_id - %s", "is not what entry"),
        ("DELETE FROM registers_mark WHERE code <> %s", "no mark stands"),
        ("UPDATE registers_mark SET session = 2 WHERE code <> %s", "a mark stands that nobody entered"),
        ("UPDATE registers_entry SET codes = array_fill(%s::smallint, ARRAY[cardinality(codes)])", "registers_entry"),
        ("UPDATE registers_entry SET by_name = 'Somebody ' || %s", "registers_entry, block 1"),
        ("DELETE FROM registers_entry WHERE 0 < %s", "registers_entry, block 1: held 3 rows"),
        ("UPDATE registers_amendment SET reason = 'Other ' || %s", "registers_amendment, block 1"),
        ("UPDATE registers_amendment SET original = %s", "does not say what entry"),
        ("UPDATE registers_amendment SET entry_id = 0 - %s", "has no entry behind it"),
        ("DELETE FROM registers_amendment WHERE 0 < %s", "after the register was sent, and there is no amendment"),
        ("UPDATE attendance_mis_auditrow SET summary = 'Nothing ' || %s", "attendance_mis_auditrow, block 1"),
        ("DELETE FROM attendance_mis_auditrow WHERE 0 < %s", "attendance_mis_auditrow, block 1"),
        ("UPDATE attendance_mis_block SET hash = repeat('0', 60) || %s", "block 1"),
        ("UPDATE attendance_mis_block SET number = number + %s", "does not follow the block before it"),
    ],
)
def test_what_was_altered_behind_the_application_is_named(record_of_a_day, sql, sentence):
    sql = sql.replace("code = 106", f"code <> {ILL}")
    tamper(sql, ILL)
    assert any(sentence in fault for fault in faults(record_of_a_day)), faults(record_of_a_day)


def test_a_row_slipped_in_later_is_named(record_of_a_day):
    tamper("UPDATE registers_entry SET id = id - 1000000 WHERE id = %s", Entry.objects.earliest("pk").pk)
    assert any("registers_entry, block 1" in fault for fault in faults(record_of_a_day))


def test_a_trigger_switched_off_is_named(record_of_a_day):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registers_amendment DISABLE TRIGGER append_only")
    assert "registers_amendment may be changed: its append_only trigger is missing or off" in faults(record_of_a_day)


def test_a_change_after_closing_without_amendment_is_named(cast, mark):
    [pupil, *_] = cast.pupils
    version = mark(pupil).entry_id
    assert faults(cast) == []
    mark(pupil, letter="L", version=version)
    assert faults(cast) == [], "until it closes a correction is part of taking it"
    tamper("UPDATE registers_entry SET made_at = %s WHERE id > %s", CLOSES, version)
    assert any("after the register was closed, and there is no amendment" in fault for fault in faults(cast))


def test_a_register_taken_late_is_put_right_by_who_takes_it(cast, mark):
    """Decision 0004: no amendment until she sends it; what another changed, and what she changes after, has one."""
    [pupil, *_] = cast.pupils
    version = mark(pupil).entry_id
    version = mark(pupil, letter="N", version=version).entry_id
    tamper("UPDATE registers_entry SET at = %s, made_at = %s", CLOSES, CLOSES)
    assert faults(cast) == []
    tamper("UPDATE registers_entry SET by_id = 0 WHERE id = %s", version)
    assert any("after the register was closed, and there is no amendment" in fault for fault in faults(cast))


def test_what_waits_too_long_for_its_seal_is_named(cast, mark, clock):
    mark(cast.pupils[0])
    assert faults(cast) == []
    clock.move_to(REGISTER_TIME + timedelta(minutes=11))
    assert any("waited over ten minutes" in fault for fault in faults(cast))


@pytest.mark.parametrize("table", [*LOGS, "attendance_mis_block"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET school_id = school_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_plain_sql_is_refused(record_of_a_day, table, sql):
    with pytest.raises(DatabaseError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(table))


def test_the_orm_is_refused(record_of_a_day):
    for rows in (Amendment.objects.all(), Entry.objects.all()):
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            rows.update(by_name="Nobody")
        with pytest.raises(DatabaseError, match="only grows"), transaction.atomic():
            rows.delete()


def test_the_command_prints_what_it_checked_and_a_value(record_of_a_day, capsys):
    call_command("verify_record", school=record_of_a_day.school.urn)
    out = capsys.readouterr().out
    assert "3 marks equal the replay" in out
    assert "Check value: " in out


def test_the_command_fails_and_names_the_fault(record_of_a_day, capsys):
    tamper("UPDATE registers_mark SET code = %s", ILL)
    with pytest.raises(CommandError, match="4 faults"):  # of two children: the mark, and what is kept counted of it
        call_command("verify_record")
    said, pupil = capsys.readouterr().out, record_of_a_day.pupils[1].pk
    assert f"pupil {pupil}, 2025-03-11 AM" in said
    assert f"pupil {pupil}, part from 2025-02-16: 1 marks kept counted, 1 stand" in said


def test_the_command_knows_no_such_school(db):
    with pytest.raises(CommandError, match="999999"):
        call_command("verify_record", school="999999")


def test_the_check_value_changes_with_every_block(record_of_a_day):
    before = record.verify(record_of_a_day.school).check_value
    assert record.verify(record_of_a_day.school).check_value == before
    audit.record("see", school_id=record_of_a_day.school.pk, by=record_of_a_day.actor("head"), summary="Looked.")
    seals.seal(record_of_a_day.school)
    assert record.verify(record_of_a_day.school).check_value != before


def test_a_certificate_is_recomputed_after_later_amendments(record_of_a_day):
    """What a register said at a moment stays answerable."""
    pupil = record_of_a_day.pupils[0]
    before, after = REGISTER_TIME + timedelta(minutes=30), REGISTER_TIME + timedelta(hours=2)
    [then] = record.marks_as_at(pupil, TODAY, TODAY, before)
    [now] = record.marks_as_at(pupil, TODAY, TODAY, after)
    assert (then.code, now.code) == (code_for("N", TODAY).number, ILL)
    value = record.check_value(pupil, TODAY, TODAY, before)
    assert value == record.check_value(pupil, TODAY, TODAY, before)
    assert value != record.check_value(pupil, TODAY, TODAY, after)
    assert len(value) == 64


def test_a_mark_taken_back_is_no_mark_of_the_certificate(cast, mark):
    [pupil, *_] = cast.pupils
    version = mark(pupil).entry_id
    mark(pupil, letter=None, version=version)
    assert record.marks_as_at(pupil, TODAY, TODAY, REGISTER_TIME) == []
    assert not Mark.objects.exists()
    assert faults(cast) == []


def test_the_page_asks_the_worker_and_waits_for_the_verdict(record_of_a_day, monkeypatch):
    page = reverse("registers:verify_record", args=[record_of_a_day.school.urn])
    head = record_of_a_day.client("head")
    assert "has not been checked yet" in head.get(page).content.decode()
    asked = []
    monkeypatch.setattr(tasks.verify_record_for, "apply_async", lambda arguments, **_: asked.append(arguments))
    answer = head.post(page)
    assert "is being checked" in head.get(answer.url).content.decode()
    [arguments] = asked
    tasks.verify_record_for(*arguments)
    text = head.get(answer.url).content.decode()
    assert "it is whole" in text
    assert record_of_a_day.people["head"].name in text
    assert "is being checked" not in text


def test_the_page_names_a_fault_without_a_pupils_name(record_of_a_day):
    tamper("UPDATE registers_mark SET code = %s", ILL)
    sealing.verify_record(school=record_of_a_day.school)
    page = reverse("registers:verify_record", args=[record_of_a_day.school.urn])
    text = record_of_a_day.client("technician").get(page).content.decode()
    assert f"pupil {record_of_a_day.pupils[1].pk}, 2025-03-11 AM: the mark is not what entry" in text
    assert record_of_a_day.pupils[1].name not in text
