"""Send a register: blanks by name or as N, late after the close, once; and cover for somebody."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attendance_mis import audit
from attendance_mis.models import AuditRow
from attendance_mis.permissions import ROLES, Permission, Role
from registers.codes import NO_REASON
from registers.models import Cover, Entry, Mark, Pupil, Register
from tests import factories
from tests.conftest import REGISTER_TIME, TODAY


@pytest.fixture(autouse=True)
def _clock(clock):
    """09:05, the register has been open for five minutes."""


@pytest.fixture
def url(cast):
    return cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/")


@pytest.fixture
def teacher(cast, url):
    client = cast.client(Role.TEACHER)
    client.get(url)
    return client


def mark_all(cast, client, url, code="/"):
    marks = [{"pupil": pupil.pk, "code": code, "version": 0} for pupil in cast.pupils]
    body = json.dumps({"key": str(uuid4()), "marks": marks})
    assert client.post(url + "save/", body, content_type="application/json").status_code == 200


def test_a_whole_register_is_sent_and_recorded(cast, teacher, url):
    mark_all(cast, teacher, url)
    answer = teacher.post(url + "send/")
    assert answer.json() == {"sent": {"at": "09:05", "by": cast.people["teacher"].name, "late": False}}
    register = Register.objects.get()
    assert (register.sent_at, register.sent_by, register.is_late) == (REGISTER_TIME, cast.people["teacher"], False)
    row = AuditRow.objects.get(verb="send_register")
    assert row.summary == "Sent the register of 3A for Tuesday 11 March 2025 AM."
    assert "5 present AM" in teacher.get(url).content.decode()


def test_blanks_are_refused_by_name(cast, teacher, url):
    answer = teacher.post(url + "send/")
    assert answer.status_code == 422
    [reason] = answer.json()["reasons"]
    assert all(pupil.name in reason for pupil in cast.pupils)
    assert Register.objects.get().sent_at is None


def test_blanks_become_n_on_confirmation(cast, teacher, url):
    assert teacher.post(url + "send/", {"blanks": "N"}).status_code == 200
    assert set(Mark.objects.values_list("code", flat=True)) <= NO_REASON
    assert Mark.objects.count() == len(cast.pupils)
    assert "5 blanks as N" in AuditRow.objects.get(verb="send_register").summary


def test_after_the_close_it_is_sent_late(cast, teacher, url, clock):
    mark_all(cast, teacher, url)
    clock.move_to(REGISTER_TIME.replace(hour=10))
    teacher.post(url + "send/")
    assert Register.objects.get().is_late


def test_what_was_sent_before_the_close_and_delivered_after_it_is_not_late(cast, teacher, url, clock):
    mark_all(cast, teacher, url)
    clock.move_to(REGISTER_TIME.replace(hour=10))
    teacher.post(url + "send/", {"age": 55 * 60_000})
    register = Register.objects.get()
    assert (register.is_late, register.sent_at) == (False, REGISTER_TIME.replace(minute=10))


def test_sending_twice_sends_once(cast, teacher, url):
    mark_all(cast, teacher, url)
    assert teacher.post(url + "send/").json() == teacher.post(url + "send/").json()
    assert AuditRow.objects.filter(verb="send_register").count() == 1
    answer = cast.client(Role.OFFICE).post(url + "send/")
    assert (answer.status_code, answer.json()["reasons"]) == (422, ["This register has been sent already."])


def test_after_sending_a_teachers_change_goes_to_the_office(cast, teacher, url):
    mark_all(cast, teacher, url)
    teacher.post(url + "send/")
    version = Mark.objects.filter(pupil=cast.pupils[0]).get().entry_id
    body = {"key": str(uuid4()), "marks": [{"pupil": cast.pupils[0].pk, "code": "N", "version": version}]}
    answer = teacher.post(url + "save/", json.dumps(body), content_type="application/json")
    assert answer.json()["answers"][0]["outcome"] == "proposed"


def test_nothing_is_sent_when_the_audit_row_fails(cast, teacher, url, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("no audit")

    monkeypatch.setattr(audit, "record", fail)
    teacher.raise_request_exception = False
    assert teacher.post(url + "send/", {"blanks": "N"}).status_code == 500
    assert Register.objects.get().sent_at is None
    assert not Mark.objects.exists()


@pytest.mark.parametrize(("day", "session"), [(TODAY, "PM"), (TODAY + timedelta(days=4), "AM")])
def test_a_register_that_is_not_open_is_not_sent(cast, day, session):
    url = cast.url(f"registers/{cast.own_class.pk}/{day}/{session}/")
    assert cast.client(Role.TEACHER).post(url + "send/").status_code == 422
    assert not Register.objects.exists()


# The list of registers


def test_a_teacher_is_led_straight_to_her_open_register(cast, url):
    answer = cast.client(Role.TEACHER).get(cast.url("registers/"))
    assert (answer.status_code, answer.url) == (302, url)


def test_once_it_is_sent_she_sees_her_day(cast, teacher, url):
    mark_all(cast, teacher, url)
    teacher.post(url + "send/")
    page = teacher.get(cast.url("registers/")).content.decode()
    assert "Your class" in page
    assert "Sent" in page
    assert "Opens 13:00" in page
    assert "4B" in page  # to cover
    assert "Every class" not in page


@pytest.mark.parametrize(
    ("hour", "said"), [(8, "Opens 09:00"), (9, "Being taken"), (10, "Not sent")], ids=["before", "open", "after"]
)
def test_the_office_sees_how_far_each_register_has_come(cast, teacher, url, clock, hour, said):
    clock.move_to(REGISTER_TIME.replace(hour=hour))
    page = cast.client(Role.OFFICE).get(cast.url(f"registers/{TODAY}/")).content.decode()
    assert said in page
    assert ("2 closed and not sent." in page) == (hour == 10)


def test_a_day_without_school_says_so(cast):
    page = cast.client(Role.OFFICE).get(cast.url("registers/2025-03-08/")).content.decode()
    assert "There is no school on this day." in page


def test_the_list_costs_the_same_for_many_classes(cast):
    client = cast.client(Role.OFFICE)

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(cast.url(f"registers/{TODAY}/"))
        return len(queries)

    few = cost()
    for n in range(5):
        factories.make_class(cast.school, f"5{n}", 3)
    assert cost() == few <= 6


# Cover


def test_a_teacher_covers_a_class_for_the_day_and_the_register_says_so(cast):
    client = cast.client(Role.TEACHER)
    url = cast.url(f"registers/{cast.other_class.pk}/{TODAY}/AM/")
    assert client.get(url).status_code == 403
    assert client.post(url + "cover/").status_code == 302
    client.post(url + "cover/")
    assert Cover.objects.count() == 1
    assert AuditRow.objects.get(verb="cover_class").summary == "Covers 4B on Tuesday 11 March 2025."
    assert "you are covering" in client.get(url).content.decode()
    tomorrow = cast.url(f"registers/{cast.other_class.pk}/{TODAY + timedelta(days=1)}/AM/")
    assert client.get(tomorrow).status_code == 403
    assert client.post(tomorrow + "cover/").status_code == 403


def test_a_cover_says_whose_class_it_is(cast):
    other = cast.people[Role.OFFICE]
    Cover.objects.create(
        school=cast.school, user=other, class_group=cast.own_class, day=TODAY, noted_by="x", noted_at=REGISTER_TIME
    )
    page = cast.client(Role.OFFICE).get(cast.url(f"registers/{cast.own_class.pk}/{TODAY}/AM/")).content.decode()
    assert Register.objects.get().cover_for == cast.people["teacher"].name
    assert f"cover for {cast.people['teacher'].name}" in page


def test_another_schools_class_is_not_covered(cast):
    url = cast.url(f"registers/{cast.strange_class.pk}/{TODAY}/AM/cover/")
    assert cast.client(Role.TEACHER).post(url).status_code == 404
    assert not Cover.objects.exists()


# The plain form


def plain(cast, page, **more):
    """What a browser without script posts: every row, changed where `more` says so."""
    fields = {"key": str(uuid4())}
    for line in page.context["lines"]:
        fields |= {f"code-{line.id}": line.letter, f"was-{line.id}": line.was}
        fields |= {f"minutes-{line.id}": line.minutes_late, f"note-{line.id}": line.note}
    return fields | more


def test_the_plain_form_saves_what_was_changed_and_nothing_else(cast, teacher, url):
    page = teacher.get(url)
    first, second = page.context["lines"][:2]
    fields = plain(cast, page, **{f"code-{first.id}": "l", f"minutes-{first.id}": "7", f"code-{second.id}": "\\"})
    assert teacher.post(url, fields).status_code == 302
    assert teacher.post(url, fields).status_code == 302  # the button pressed twice
    assert Entry.objects.count() == 1
    assert {(m.pupil_id, m.minutes_late) for m in Mark.objects.all()} == {(first.id, 7), (second.id, None)}


def test_the_plain_form_does_not_wipe_what_came_meanwhile(cast, teacher, url):
    page = teacher.get(url)
    first, second = page.context["lines"][:2]
    body = {"key": str(uuid4()), "marks": [{"pupil": first.id, "code": "I", "version": 0}]}
    cast.client(Role.OFFICE).post(url + "save/", json.dumps(body), content_type="application/json")
    teacher.post(url, plain(cast, page, **{f"code-{second.id}": "/"}))
    assert set(Mark.objects.values_list("pupil_id", flat=True)) == {first.id, second.id}
    clash = teacher.post(url, plain(cast, page, **{f"code-{first.id}": "/"}))
    assert clash.status_code == 422
    line = next(line for line in clash.context["lines"] if line.id == first.id)
    assert "Somebody else was here meanwhile: Illness" in line.error
    assert line.letter == "/"


def test_what_cannot_be_read_in_the_plain_form_stays_as_typed(cast, teacher, url):
    page = teacher.get(url)
    first, second, third = page.context["lines"][:3]
    fields = plain(
        cast, page, **{f"code-{first.id}": "QQ", f"minutes-{second.id}": "soon", f"code-{second.id}": "L"}
    ) | {f"code-{third.id}": "/"}
    answer = teacher.post(url, fields)
    assert answer.status_code == 422
    errors = {line.id: (line.letter, line.error) for line in answer.context["lines"] if line.error}
    assert errors[first.id][0] == "QQ"
    assert "whole number" in errors[second.id][1]
    assert Mark.objects.get().pupil_id == third.id


def test_the_plain_form_fills_blanks_only(cast, teacher, url):
    page = teacher.get(url)
    first = page.context["lines"][0]
    teacher.post(url, plain(cast, page, verb="all_present", **{f"code-{first.id}": "N"}))
    assert Mark.objects.count() == len(cast.pupils)
    assert Mark.objects.filter(code__in=NO_REASON).get().pupil_id == first.id


def test_the_plain_form_sends_and_asks_about_blanks(cast, teacher, url):
    page = teacher.get(url)
    refused = teacher.post(url, plain(cast, page, verb="send"))
    assert refused.status_code == 422
    assert cast.pupils[0].name in refused.context["refused"][0]
    assert teacher.post(url, plain(cast, page, verb="send", blanks="N")).status_code == 302
    assert Register.objects.get().sent_at == REGISTER_TIME


def test_a_forged_row_of_another_class_is_ignored(cast, teacher, url):
    fields = {f"code-{cast.other_pupils[0].pk}": "/", f"was-{cast.other_pupils[0].pk}": "0|||"}
    teacher.post(url, fields)
    assert not Mark.objects.exists()


def test_only_who_may_see_it_sees_who_is_vulnerable(cast, url, monkeypatch):
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(child_protection=True)
    assert "Vulnerable" in cast.client(Role.TEACHER).get(url).content.decode()
    monkeypatch.delitem(ROLES[Role.TEACHER], Permission.SEE_VULNERABLE)
    assert "Vulnerable" not in cast.client(Role.TEACHER).get(url).content.decode()
