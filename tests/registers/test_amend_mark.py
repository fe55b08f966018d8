"""Amend one mark: law.md 3.4, 1.10, 1.11, 2.5, 3.3."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis.models import AuditRow
from registers.calendar_rules import Session
from registers.codes import by_number, code_for
from registers.models import Amendment, Entry, Mark, PlannedAbsence, Registration
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import LONDON
from tests.registers.conftest import send

pytestmark = pytest.mark.usefixtures("clock")
REASON = "Mother rang at 10:05: temperature since last night"
OLD = date(2024, 3, 12)


def page(cast, pupil, day=TODAY, session=Session.AM):
    return reverse("registers:amend_mark", args=[cast.school.urn, pupil.pk, day, session])


def post(cast, pupil, letter, *, role="office", day=TODAY, session=Session.AM, version=None, **values):
    if version is None:
        version = Mark.objects.filter(pupil=pupil, day=day, session=session).values_list("entry_id", flat=True).first()
    values = {"code": letter, "version": version or 0, **values}
    return cast.client(role).post(page(cast, pupil, day, session), values)


def sentences(answer):
    form = answer.context["form"]
    return " ".join(sentence for errors in form.errors.values() for sentence in errors)


def test_a_mark_sent_is_amended_with_its_reason(cast, mark, clock):
    """law.md 3.4: original entry, amended entry, reason, date, name and position."""
    [pupil, *_] = cast.pupils
    mark(pupil, letter="N")
    send(cast, cast.own_class)
    clock.move_to(REGISTER_TIME + timedelta(hours=1))
    assert post(cast, pupil, "I", reason=REASON, note="fever").status_code == 302
    amendment = Amendment.objects.get()
    assert (by_number(amendment.original).letter, by_number(amendment.amended).letter) == ("N", "I")
    assert (amendment.reason, amendment.amended_note) == (REASON, "fever")
    assert amendment.at == REGISTER_TIME + timedelta(hours=1)
    assert (amendment.by_name, amendment.by_position) == (cast.people["office"].name, "Office staff")
    assert Entry.objects.get(pk=amendment.entry_id).source == Entry.Source.AMENDMENT
    row = AuditRow.objects.get(verb="amend_mark")
    assert row.pupil_id == pupil.pk
    assert REASON in row.summary


def test_its_page_shows_who_entered_what_and_why(cast, mark, clock):
    [pupil, *_] = cast.pupils
    mark(pupil, letter="N")
    send(cast, cast.own_class)
    clock.move_to(REGISTER_TIME + timedelta(hours=1))
    post(cast, pupil, "I", reason=REASON)
    text = cast.client("head").get(page(cast, pupil)).content.decode()
    assert REASON in text
    assert cast.people["teacher"].name in text
    assert "Office staff" in text


@pytest.mark.parametrize("reason", ["", "   "])
def test_an_amendment_without_a_reason_is_refused(cast, mark, clock, reason):
    [pupil, *_] = cast.pupils
    mark(pupil, letter="N")
    send(cast, cast.own_class)
    clock.move_to(REGISTER_TIME + timedelta(hours=1))
    answer = post(cast, pupil, "I", reason=reason)
    assert answer.status_code == 422
    assert "Give the reason" in sentences(answer)
    assert by_number(Mark.objects.get().code).letter == "N"


def test_while_the_register_is_taken_it_is_an_office_entry_without_reason(cast, mark):
    [pupil, *_] = cast.pupils
    mark(pupil)
    answer = post(cast, pupil, "M")
    assert answer.status_code == 302
    assert not Amendment.objects.exists()
    assert Entry.objects.latest("pk").source == Entry.Source.OFFICE


def test_a_standing_mark_of_a_closed_register_needs_an_amendment(cast, mark, clock):
    [pupil, other, *_] = cast.pupils
    mark(pupil)
    clock.move_to(datetime(2025, 3, 11, 9, 25, tzinfo=LONDON))
    assert "reason" in sentences(post(cast, pupil, "M")).lower()
    assert post(cast, other, "M").status_code == 302, "a blank of a register never sent is filled late"
    assert not Amendment.objects.exists()


def test_a_stale_version_is_a_clash_and_keeps_what_was_typed(cast, mark, clock):
    [pupil, *_] = cast.pupils
    first = mark(pupil, letter="N").entry_id
    mark(pupil, letter="L", version=first)
    clock.move_to(REGISTER_TIME + timedelta(hours=1))
    answer = post(cast, pupil, "I", version=first, reason=REASON)
    assert answer.status_code == 409
    assert "changed by somebody else" in sentences(answer)
    text = answer.content.decode()
    assert REASON in text
    assert f'value="{Mark.objects.get().entry_id}"' in text
    assert by_number(Mark.objects.get().code).letter == "L"


@pytest.mark.parametrize(
    ("letter", "sentence"),
    [
        ("X", "X is only for a pupil outside compulsory school age"),
        ("H", "H is not in force on 2025-03-11"),
        ("QQ", "QQ is not an attendance code"),
        ("V", "V needs the nature of the activity"),
        ("Y7", "Y7 needs the cause"),
        ("C", "C is for the headteacher to decide"),
        ("#", "# is not a mark"),
        ("", "Choose a code"),
    ],
)
def test_a_code_the_rules_forbid_is_refused_with_a_sentence(cast, mark, letter, sentence):
    [pupil, *_] = cast.pupils
    answer = post(cast, pupil, letter)
    assert answer.status_code == 422
    assert sentence in sentences(answer)
    assert not Entry.objects.exists()


def test_present_is_written_for_its_session(cast):
    assert post(cast, cast.pupils[0], "\\").status_code == 302
    assert by_number(Mark.objects.get().code).letter == "/"


def test_the_head_decides_leave_but_not_c2_without_its_plan(cast):
    """law.md 1.11."""
    assert post(cast, cast.pupils[0], "C", role="head").status_code == 302
    answer = post(cast, cast.pupils[1], "C2", role="head")
    assert "C2 needs a recorded part-time timetable plan" in sentences(answer)


def test_c2_stands_under_its_plan(cast):
    [pupil, *_] = cast.pupils
    PlannedAbsence.objects.create(
        school=cast.school,
        pupil=pupil,
        kind=PlannedAbsence.Kind.PART_TIME,
        start=TODAY,
        end=TODAY,
        code=code_for("C2", TODAY).number,
        noted_at=REGISTER_TIME,
    )
    assert post(cast, pupil, "C2").status_code == 302


def test_an_old_day_has_the_codes_of_its_time(cast, mark):
    """law.md 2.5, 2.6."""
    [pupil, *_] = cast.pupils
    mark(pupil, letter="N", day=OLD)
    text = cast.client("office").get(page(cast, pupil, OLD)).content.decode()
    assert 'value="J"' in text
    assert 'value="J1"' not in text
    assert "J1 is not in force" in sentences(post(cast, pupil, "J1", day=OLD, reason=REASON))
    assert post(cast, pupil, "J", day=OLD, reason=REASON, note="interview").status_code == 302
    assert by_number(Mark.objects.get().code).code_set == 2006


@pytest.mark.parametrize(
    ("day", "session", "sentence"),
    [
        (TODAY, Session.PM, "opens on Tuesday 11 March at 13:00"),
        (date(2025, 3, 12), Session.AM, "opens on Wednesday 12 March"),
        (date(2025, 3, 15), Session.AM, "The school is closed on Saturday 15 March 2025"),
    ],
)
def test_where_no_mark_can_be_the_page_says_why_and_takes_none(cast, day, session, sentence):
    [pupil, *_] = cast.pupils
    answer = cast.client("office").get(page(cast, pupil, day, session))
    assert sentence in answer.content.decode()
    assert "disabled" in answer.content.decode()
    assert sentence in sentences(post(cast, pupil, "I", day=day, session=session, reason=REASON))
    assert not Entry.objects.exists()


def test_a_pupil_off_roll_is_refused(cast):
    [pupil, *_] = cast.pupils
    Registration.objects.filter(pupil=pupil).update(leaving_date=date(2025, 3, 7))
    assert "not on roll on Tuesday 11 March 2025" in sentences(post(cast, pupil, "I", reason=REASON))


def test_a_note_of_ten_megabytes_is_refused(cast):
    answer = post(cast, cast.pupils[0], "I", note="x" * 10_000_000)
    assert answer.status_code in (400, 422)
    assert not Entry.objects.exists()


def test_nothing_is_written_when_the_audit_row_fails(cast, monkeypatch):
    from attendance_mis import audit

    def fail(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        post(cast, cast.pupils[0], "I")
    assert not Entry.objects.exists()


def test_the_page_costs_the_same_queries_however_long_the_history(cast, mark):
    [pupil, *_] = cast.pupils
    client = cast.client("office")

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as context:
            client.get(page(cast, pupil))
        return len(context)

    version = mark(pupil).entry_id
    few = queries()
    for letter in "LNILN":
        version = mark(pupil, letter=letter, version=version).entry_id
    assert queries() == few
