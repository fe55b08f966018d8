"""A paper register is keyed with its own author and time (decision 0009)."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from attendance_mis import seals
from attendance_mis.models import AuditRow
from registers import record
from registers.calendar_rules import Session
from registers.codes import by_number
from registers.models import Amendment, Entry, Mark, Register
from tests.conftest import REGISTER_TIME, TODAY
from tests.factories import LONDON
from tests.registers.conftest import send

KEYED_AT = datetime(2025, 3, 11, 14, 0, tzinfo=LONDON)


@pytest.fixture(autouse=True)
def _afternoon(clock):
    clock.move_to(KEYED_AT)


def page(cast, session=Session.AM, day=TODAY):
    return reverse("registers:rekey_register", args=[cast.school.urn, cast.own_class.pk, day, session])


def post(cast, letters, *, button="key", session=Session.AM, **values):
    versions = dict(Mark.objects.filter(day=TODAY, session=session).values_list("pupil_id", "entry_id"))
    data = {"taken_by": cast.people["teacher"].pk, "taken_at": "09:02", button: "1"}
    for pupil, letter in zip(cast.pupils, letters, strict=True):
        data |= {f"code-{pupil.pk}": letter, f"version-{pupil.pk}": versions.get(pupil.pk, 0)}
    return cast.client("office").post(page(cast, session), data | values)


def letters(cast):
    found = {m.pupil_id: by_number(m.code).letter for m in Mark.objects.all()}
    return "".join(found.get(pupil.pk, "-") for pupil in cast.pupils)


def test_it_is_the_papers_register_not_an_amendment(cast):
    assert post(cast, "//N/I").status_code == 302
    assert letters(cast) == "//N/I"
    entry = Entry.objects.get()
    assert entry.source == Entry.Source.PAPER
    assert (entry.by_name, entry.by_position) == (cast.people["teacher"].name, "Class teacher")
    assert entry.made_at == datetime(2025, 3, 11, 9, 2, tzinfo=LONDON)
    assert entry.at == KEYED_AT
    assert not Amendment.objects.exists()
    row = AuditRow.objects.get(verb="rekey_register")
    assert row.by_name == cast.people["office"].name
    assert "taken by" in row.summary
    assert "at 09:02" in row.summary


def test_a_paper_taken_in_time_is_not_late_though_it_is_sent_when_keyed(cast):
    post(cast, "/////")
    register = Register.objects.get()
    assert (register.sent_at, register.is_late, register.sent_by) == (KEYED_AT, False, cast.people["office"])
    seals.seal(cast.school)
    assert record.verify(cast.school).is_whole


def test_a_paper_taken_after_the_close_is_late(cast):
    post(cast, "/////", taken_at="09:40")
    assert Register.objects.get().is_late


def test_somebody_without_a_login_is_named(cast):
    post(cast, "/////", taken_by="", name="Efe Yilmaz", position="Supply teacher")
    assert (Entry.objects.get().by_name, Entry.objects.get().by_id) == ("Efe Yilmaz", None)


def test_present_is_of_its_session(cast):
    post(cast, "/////", session=Session.PM, taken_at="13:05")
    assert letters(cast) == "\\" * 5


def test_over_marks_that_stand_it_is_an_amendment_of_who_keys(cast, mark):
    mark(*cast.pupils[:4])
    send(cast, cast.own_class)
    answer = post(cast, "///N/")
    assert answer.status_code == 422
    assert "give the reason" in answer.content.decode()
    assert post(cast, "///N/", reason="The paper was right").status_code == 302
    amendment = Amendment.objects.get()
    assert (amendment.by_name, amendment.reason) == (cast.people["office"].name, "The paper was right")
    assert letters(cast) == "///N/"
    seals.seal(cast.school)
    assert record.verify(cast.school).is_whole


def test_one_bad_line_stops_all_and_keeps_what_was_typed(cast):
    answer = post(cast, ["/", "QQ", "X", "", "V"])
    text = answer.content.decode()
    assert answer.status_code == 422
    for sentence in ("QQ is not an attendance code", "X is only for", "Enter a code", "V needs the nature"):
        assert sentence in text
    assert 'value="QQ"' in text
    assert not Entry.objects.exists()
    assert not Register.objects.exists()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"taken_at": "08:30"}, "at 09:00 or later"),
        ({"taken_at": "15:00"}, "before now"),
        ({"taken_at": "soon"}, "Enter a valid time"),
        ({"taken_by": "", "name": "Efe Yilmaz"}, "Say who took the register"),
    ],
)
def test_an_impossible_head_is_refused(cast, values, sentence):
    answer = post(cast, "/////", **values)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Entry.objects.exists()


def test_the_button_fills_blanks_and_enters_nothing(cast):
    answer = post(cast, ["", "N", "", "", ""], button="fill", taken_at="09:07")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert text.count('value="/"') == 4
    assert 'value="N"' in text
    assert 'value="09:07"' in text
    assert not Entry.objects.exists()


def test_a_mark_changed_meanwhile_is_a_clash(cast, mark):
    version = mark(cast.pupils[0]).entry_id
    mark(cast.pupils[0], letter="L", version=version)
    answer = post(cast, "N////", reason="Paper", **{f"version-{cast.pupils[0].pk}": version})
    assert answer.status_code == 409
    assert letters(cast) == "L----"


def test_a_register_to_come_cannot_be_keyed(cast, clock):
    clock.move_to(REGISTER_TIME - timedelta(hours=2))
    assert "opens on" in cast.client("office").get(page(cast)).content.decode()
    assert post(cast, "/////").status_code == 422
