"""The office's door: late, out, back; the tablet; two people at once; the clock change."""

from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from registers.actions.desk import record_arrival, sign_back, sign_out
from registers.actions.planning import plan_absence
from registers.actions.taking import open_register
from registers.calendar_rules import Session
from registers.class_register import class_register, head
from registers.codes import by_number, code_for
from registers.models import Amendment, Crossing, Mark, PlannedAbsence, Register
from registers.planning import Plan
from tests import factories
from tests.conftest import REGISTER_TIME, TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")
AM, PM = Session.AM, Session.PM


def come(cast, pupil, at="09:05", reason="Bus", **more):
    return record_arrival(
        school=cast.school, pupil=pupil, at=time.fromisoformat(at), reason=reason, by=cast.actor("office"), **more
    )


def leave(cast, pupil, at, why="appointment", **more):
    return sign_out(
        school=cast.school, pupil=pupil, at=time.fromisoformat(at), why=why, by=cast.actor("office"), **more
    )


def back(cast, pupil, at):
    return sign_back(school=cast.school, pupil=pupil, at=time.fromisoformat(at), by=cast.actor("office"))


def mark(cast, pupil, letter, session=AM, day=TODAY):
    Mark.objects.create(
        school=cast.school, pupil=pupil, day=day, session=session, code=code_for(letter, day).number, entry_id=1
    )


def stands(pupil, session=AM, day=TODAY):
    row = Mark.objects.filter(pupil=pupil, day=day, session=session).first()
    return row and (by_number(row.code).letter, row.minutes_late)


def send(cast, session=AM):
    Register.objects.create(
        school=cast.school, class_group=cast.own_class, day=TODAY, session=session, opened_at=REGISTER_TIME,
        sent_at=REGISTER_TIME, sent_by=cast.people["teacher"],
    )  # fmt: skip


def move(clock, hour, minute=0):
    clock.move_to(datetime(2025, 3, 11, hour, minute, tzinfo=factories.LONDON))


# Late


@pytest.mark.parametrize(
    ("now", "before", "after"),
    [
        ((9, 12), None, ("L", 12)),
        ((9, 12), "N", ("L", 12)),
        ((9, 24), "N", ("L", 24)),
        ((9, 25), "N", ("U", 25)),
        ((10, 40), "N", ("U", 100)),
        ((9, 0), None, ("/", None)),
        ((10, 40), "M", ("M", None)),  # a better ground than late
        ((9, 12), "M", ("L", 12)),
        ((10, 40), "V", ("V", None)),
        ((10, 40), "O", ("U", 100)),
    ],
)
def test_minutes_and_code_follow_from_the_times(cast: Cast, clock, now, before, after):
    move(clock, *now)
    pupil = cast.pupils[0]
    if before:
        mark(cast, pupil, before)
    crossing = come(cast, pupil, f"{now[0]:02}:{now[1]:02}")
    assert stands(pupil) == after
    assert by_number(crossing.code).letter == after[0]
    assert AuditRow.objects.filter(verb="record_arrival", pupil_id=pupil.pk).count() == 1


def test_after_the_register_was_sent_it_is_an_amendment_with_its_reason(cast, clock):
    pupil = cast.pupils[0]
    mark(cast, pupil, "N")
    send(cast)
    move(clock, 9, 10)
    come(cast, pupil, "09:10", "Overslept")
    [amendment] = Amendment.objects.filter(pupil=pupil)
    assert (amendment.reason, by_number(amendment.amended).letter) == ("Arrived at 09:10: Overslept", "L")


def test_a_planned_appointment_is_what_a_blank_becomes_after_the_close(cast, clock):
    factories.PlannedAbsenceFactory(pupil=cast.pupils[0])
    move(clock, 10, 30)
    come(cast, cast.pupils[0], "10:30")
    assert stands(cast.pupils[0]) == ("M", None)


@pytest.mark.parametrize(
    ("at", "words"), [("09:30", "not 09:30 yet"), ("15:45", "not 15:45 yet"), ("09:01", "is marked / ")]
)
def test_what_cannot_be(cast, at, words):
    mark(cast, cast.pupils[0], "/")
    with pytest.raises(Refused, match=words):
        come(cast, cast.pupils[0], at)
    assert not Crossing.objects.exists()


def test_a_child_marked_present_by_mistake_is_late_when_somebody_says_so(cast, clock):
    mark(cast, cast.pupils[0], "/")
    move(clock, 9, 20)
    come(cast, cast.pupils[0], "09:20", marked_in_error=True)
    assert stands(cast.pupils[0]) == ("L", 20)


def test_twice_is_told_who_was_first(cast, clock):
    move(clock, 9, 12)
    come(cast, cast.pupils[0], "09:12")
    with pytest.raises(Refused, match=r"came in at 09:12 already; .* recorded it"):
        come(cast, cast.pupils[0], "09:12")


def test_on_the_first_school_day_of_summer_time(cast, clock):
    clock.move_to(datetime(2025, 3, 31, 9, 10, tzinfo=factories.LONDON))
    crossing = come(cast, cast.pupils[0], "09:10")
    assert crossing.minutes_late == 10
    assert crossing.at.isoformat() == "2025-03-31T09:10:00+01:00"


def test_nothing_happens_when_the_audit_fails(cast, monkeypatch):
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        come(cast, cast.pupils[0])
    assert not Crossing.objects.exists()
    assert stands(cast.pupils[0]) is None


# Out and back


def test_out_for_the_day_plans_the_afternoon_and_back_cancels_it(cast, clock):
    pupil = cast.pupils[0]
    mark(cast, pupil, "/")
    move(clock, 11)
    assert leave(cast, pupil, "10:55").planned == "The afternoon register will say M."
    [planned] = PlannedAbsence.objects.standing().planned_for(TODAY, PM, [pupil.pk])
    assert by_number(planned.code).letter == "M"
    move(clock, 12, 30)
    back(cast, pupil, "12:30")
    assert not PlannedAbsence.objects.standing().exists()
    assert list(AuditRow.objects.filter(pupil_id=pupil.pk).order_by("pk").values_list("verb", flat=True)) == [
        "plan_absence", "sign_out", "cancel_absence", "sign_back",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("why", "more", "letters"),
    [
        ("unwell", {}, ["I"]),
        ("other", {}, []),
        ("appointment", {"expected_back": time(12, 0)}, []),
        ("appointment", {"expected_back": time(14, 0)}, ["M"]),
    ],
)
def test_what_the_afternoon_is_told(cast, clock, why, more, letters):
    mark(cast, cast.pupils[0], "/")
    move(clock, 11)
    leave(cast, cast.pupils[0], "11:00", why, **more)
    assert [by_number(each.code).letter for each in PlannedAbsence.objects.all()] == letters


def test_a_plan_that_is_there_already_is_kept(cast, clock):
    pupil = cast.pupils[0]
    mark(cast, pupil, "/")
    plan_absence(
        school=cast.school, pupils=[pupil], plan=Plan("appointment", "M", TODAY, TODAY, PM), by=cast.actor("office")
    )
    move(clock, 11)
    assert leave(cast, pupil, "11:00", "unwell").planned == "The afternoon was planned already."
    move(clock, 12)
    back(cast, pupil, "12:00")
    assert PlannedAbsence.objects.standing().count() == 1


def test_back_while_the_afternoon_register_is_open_is_late_for_it(cast, clock):
    pupil = cast.pupils[0]
    mark(cast, pupil, "/")
    move(clock, 11)
    leave(cast, pupil, "11:00")
    move(clock, 13, 2)
    found = head(cast.school, cast.own_class.pk, TODAY, PM, cast.people["teacher"].pk)
    open_register(class_register(cast.school, found, TODAY, PM), by=cast.actor("teacher"), at=clock_now(13, 2))
    assert stands(pupil, PM) == ("M", None)
    move(clock, 13, 8)
    back(cast, pupil, "13:08")
    assert stands(pupil, PM) == ("L", 8)


def clock_now(hour, minute):
    return datetime(2025, 3, 11, hour, minute, tzinfo=factories.LONDON)


def test_out_twice_and_back_twice_are_refused(cast, clock):
    pupil = cast.pupils[0]
    mark(cast, pupil, "/")
    move(clock, 11)
    leave(cast, pupil, "10:30", "other")
    with pytest.raises(Refused, match="signed out at 10:30 already"):
        leave(cast, pupil, "10:45", "other")
    with pytest.raises(Refused, match="went out at 10:30, after"):
        back(cast, pupil, "10:00")
    with pytest.raises(Refused, match=r"signed out at 10:30\. Say that"):
        come(cast, pupil, "10:50")
    back(cast, pupil, "10:50")
    with pytest.raises(Refused, match=r"is not signed out: .* recorded 10:50"):
        back(cast, pupil, "10:55")
    assert Crossing.objects.count() == 2


def test_who_is_not_there_cannot_go(cast):
    mark(cast, cast.pupils[0], "I")
    with pytest.raises(Refused, match="is not in school"):
        leave(cast, cast.pupils[0], "09:05")
    with pytest.raises(Refused, match=r"before .* goes out"):
        leave(cast, cast.pupils[1], "09:05", expected_back=time(9, 0))


# Pages


def url(cast, name, *args):
    return reverse(f"registers:{name}", args=[cast.school.urn, *args])


def test_from_the_name_to_the_slip(cast):
    client, pupil = cast.client("office"), cast.pupils[0]
    found = client.post(url(cast, "late_desk"), {"name": pupil.legal_surname[:4]})
    address = url(cast, "record_arrival", pupil.pk)
    assert address in found.text
    assert pupil.legal_surname not in found.request["QUERY_STRING"]
    assert "L, 5 min" in client.get(address).text
    answer = client.post(address, {"at": "09:05", "reason": "Bus"}, follow=True)
    assert "<b>5</b> minutes late" in answer.text
    assert pupil.name in client.get(url(cast, "late_desk")).text


def test_a_mark_that_stands_is_said_and_the_form_asks(cast):
    client, pupil = cast.client("office"), cast.pupils[0]
    mark(cast, pupil, "/")
    address = url(cast, "record_arrival", pupil.pk)
    answer = client.post(address, {"at": "09:05", "reason": "Bus"})
    assert answer.status_code == 422
    assert "Bus" in answer.text
    assert client.post(address, {"at": "09:05", "reason": "Bus", "marked_in_error": "on"}).status_code == 302
    assert stands(pupil) == ("L", 5)


def test_out_and_back_by_page(cast):
    client, pupil = cast.client("office"), cast.pupils[0]
    mark(cast, pupil, "/")
    assert "No contact is known" in client.get(url(cast, "sign_pupil_out", pupil.pk)).text
    data = {"at": "09:05", "why": "unwell", "with_whom": "Grandmother", "expected_back": ""}
    answer = client.post(url(cast, "sign_pupil_out", pupil.pk), data, follow=True)
    assert "will say I" in answer.text
    assert "with Grandmother" in answer.text
    again = client.post(url(cast, "sign_pupil_out", pupil.pk), data)
    assert (again.status_code, "Grandmother" in again.text) == (422, True)
    assert "is back" in client.post(url(cast, "sign_pupil_back", pupil.pk), follow=True).text


def test_a_child_of_another_school_is_not_there(cast):
    pupil = cast.strange_pupils[0]
    for name in ("record_arrival", "sign_pupil_out", "sign_pupil_back"):
        assert cast.client("office").post(url(cast, name, pupil.pk), {"at": "09:05"}).status_code == 404


def test_the_desk_asks_the_same_for_more(cast):
    client, counts = cast.client("office"), []
    for pupils in (cast.pupils[:1], cast.pupils[1:]):
        for each in pupils:
            factories.CrossingFactory(pupil=each)
        with CaptureQueriesContext(connection) as asked:
            client.get(url(cast, "late_desk"))
        counts.append(len(asked))
    assert counts[0] == counts[1]


# The tablet by the door


def tablet(cast):
    client = cast.client("office")
    assert client.post(url(cast, "start_tablet")).url == url(cast, "tablet")
    return client


def typed(pupil, **more):
    return {"forename": pupil.forename, "surname": pupil.surname, "born": pupil.date_of_birth, "reason": "Bus"} | more


def test_the_tablet_signs_a_child_in_and_names_no_other(cast):
    client = tablet(cast)
    pupil = cast.pupils[0]
    pupil.legal_forename, pupil.legal_surname = "Zoë", "O'Neill-Łukasz"
    pupil.save()
    answer = client.post(url(cast, "tablet"), typed(pupil, forename="zoe", surname="ONeill-Lukasz"))
    assert "Thank you, Zoë" in answer.text
    assert not any(each.surname in answer.text for each in cast.pupils[1:])
    [crossing] = Crossing.objects.all()
    assert (crossing.is_self_service, crossing.by_name) == (True, cast.people["office"].name)
    assert AuditRow.objects.get(verb="record_arrival").by_position == "Office staff, by the tablet at the door"


@pytest.mark.parametrize("wrong", [{"surname": "Nobody"}, {"born": "2016-10-06"}, {"forename": "A"}])
def test_the_tablet_does_not_say_who_is_there(cast, wrong):
    answer = tablet(cast).post(url(cast, "tablet"), typed(cast.pupils[0], **wrong))
    assert (answer.status_code, "cannot find you" in answer.text) == (422, True)
    assert not Crossing.objects.exists()


def test_a_child_who_is_marked_present_is_sent_to_the_office(cast):
    mark(cast, cast.pupils[0], "/")
    assert "speak to the office" in tablet(cast).post(url(cast, "tablet"), typed(cast.pupils[0])).text


def test_the_tablet_leads_nowhere_else_until_somebody_signs_out(cast):
    client = tablet(cast)
    for address in ("/", "/account/", cast.url(), cast.url("casework/today/"), cast.pupils[0].get_absolute_url()):
        assert client.get(address).url == url(cast, "tablet"), address
    assert client.post(url(cast, "search"), {"words": cast.pupils[0].surname}).status_code == 302
    client.post("/sign-out/")
    assert "/sign-in/" in client.get(url(cast, "tablet")).url
    client.force_login(cast.people["office"])
    assert client.get("/account/").status_code == 200


def test_the_tablet_stands_all_day(cast, clock):
    client = tablet(cast)
    client.get(url(cast, "tablet"))
    clock.shift(timedelta(hours=3))
    assert client.get(url(cast, "tablet")).status_code == 200
