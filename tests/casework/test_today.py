"""The today board: the red number, each list, closing at zero or by somebody's word, remind, constant queries."""

import re
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import audit
from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from casework.accounting import Chase
from casework.actions.closing import close_session
from casework.actions.contacts import log_try
from casework.board import board
from casework.models import AbsenceReport, AccountedFor, SessionClose
from registers import tasks
from registers.actions.desk import record_arrival, sign_out
from registers.actions.reminding import mail_reminder, remind
from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import Mark, Register, Reminder
from tests import factories
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")
AM, PM = Session.AM, Session.PM


def at(hour, minute=0):
    return datetime(2025, 3, 11, hour, minute, tzinfo=factories.LONDON)


def mark(pupils, letter, session=AM, **more):
    Mark.objects.bulk_create(
        Mark(
            school=pupil.school, pupil=pupil, day=TODAY, session=session, code=code_for(letter, TODAY).number,
            entry_id=1, **more,
        )
        for pupil in pupils
    )  # fmt: skip


def send(cast, group, session=AM):
    Register.objects.create(
        school=cast.school, class_group=group, day=TODAY, session=session, opened_at=at(9), sent_at=at(9, 6),
        sent_by=cast.people["teacher"],
    )  # fmt: skip


def all_in(cast, letter="/", session=AM):
    """Both registers are in, and everybody is there."""
    mark([*cast.pupils, *cast.other_pupils], letter, session)
    for group in (cast.own_class, cast.other_class):
        send(cast, group, session)


def now_is(pupil, letter, session=AM, **more):
    Mark.objects.filter(pupil=pupil, session=session).update(code=code_for(letter, TODAY).number, **more)


def seen(cast, moment, session=AM):
    return board(cast.school, session, moment)


def url(cast, name="today"):
    return reverse(f"casework:{name}", args=[cast.school.urn])


# The red number


def test_blanks_count_from_the_moment_the_register_was_due(cast: Cast):
    assert seen(cast, at(9, 5)).count.all == 0
    late = seen(cast, at(9, 31))
    assert (late.count.blank, late.count.without_reason) == (7, 0)
    assert [(each.group.name, each.state, each.minutes_overdue) for each in late.registers] == [
        ("3A", Chase.OVERDUE, 6), ("4B", Chase.OVERDUE, 6),
    ]  # fmt: skip


def test_the_school_says_itself_when_the_registers_are_due(cast):
    cast.school.registers_due_by = "09:15"
    cast.school.save()
    cast.school.refresh_from_db()
    assert seen(cast, at(9, 16)).count.blank == 7


def test_an_absence_without_a_reason_counts_at_once_and_the_vulnerable_come_first(cast):
    mark([*cast.pupils[:3], *cast.other_pupils], "N")
    cast.pupils[2].child_protection = True
    cast.pupils[2].save()
    found = seen(cast, at(9, 5))
    assert found.count.all == 5
    assert found.without_reason[0].pupil_id == cast.pupils[2].pk


def test_what_is_known_is_not_red(cast):
    ill, trip, gone, told, answered = cast.pupils
    mark([ill], "I")
    factories.PlannedAbsenceFactory(pupil=trip)  # planned, the register not opened
    mark([gone], "/")
    sign_out(school=cast.school, pupil=gone, at=at(9, 5).time(), why="unwell", by=cast.actor("office"))
    mark([told], "N", note="Mum says sick")
    AccountedFor.objects.create(
        school=cast.school, pupil=answered, day=TODAY, session=AM, reason="Police", at=at(9), by_id=1, by_name="A",
    )  # fmt: skip
    mark(cast.other_pupils, "/")
    found = seen(cast, at(9, 31))
    assert [each.pupil_id for each in found.not_accounted_for] == [told.pk]
    assert found.count.blank == 0
    assert ([c.pupil_id for c in found.to_confirm], found.without_reason) == ([told.pk], [])
    assert [c.pupil_id for c in found.signed_out] == [gone.pk]


def test_the_afternoon_is_its_own_session(cast):
    all_in(cast)
    now_is(cast.pupils[0], "N")
    mark(cast.pupils, "\\", PM)
    afternoon = seen(cast, at(13, 16), PM)
    assert afternoon.count.without_reason == 0  # she is in school now
    assert afternoon.count.blank == len(cast.other_pupils)
    assert [c.pupil_id for c in afternoon.without_reason] == [cast.pupils[0].pk]  # the morning still has no reason


def test_late_leave_and_wishes_have_their_lists(cast):
    all_in(cast)
    now_is(cast.pupils[0], "L", minutes_late=7)
    now_is(cast.pupils[1], "U", minutes_late=50)
    for pupil in cast.pupils[:3]:
        factories.PlannedAbsenceFactory(
            pupil=pupil, kind="activity", code=code_for("V", TODAY).number, note="Zoo", end=TODAY + timedelta(1)
        )
    factories.ProposalFactory(pupil=cast.pupils[3], made_by=cast.people["teacher"])
    found = seen(cast, at(10))
    assert [(c.pupil_id, c.late.minutes_late) for c in found.late] == [(cast.pupils[1].pk, 50), (cast.pupils[0].pk, 7)]
    [group] = found.planned
    assert (group.note, len(group.children), group.starts, group.ends) == ("Zoo", 3, True, False)
    assert [c.pupil_id for c in found.to_confirm] == [cast.pupils[3].pk]


def test_nobody_of_another_school_is_on_it(cast):
    all_in(cast)
    assert not {c.pupil_id for c in seen(cast, at(10)).blanks} & {p.pk for p in cast.strange_pupils}
    assert seen(cast, at(10)).expected == 2


# The page


def test_it_is_the_offices_home_and_refreshes_only_when_something_changed(cast):
    client = cast.client("office")
    assert client.get(cast.url()).url == url(cast)
    seen_now = re.search(r"seen=(\w+)", client.get(url(cast)).text)[1]
    again = client.get(url(cast), {"seen": seen_now}, headers={"HX-Request": "true"})
    assert (again.status_code, again.content) == (204, b"")
    arrival = {"at": at(9, 5).time(), "reason": "Bus", "by": cast.actor("office")}
    record_arrival(school=cast.school, pupil=cast.pupils[0], **arrival)
    part = client.get(url(cast), {"seen": seen_now}, headers={"HX-Request": "true"})
    assert cast.pupils[0].name in part.text
    assert "<html" not in part.text


def test_one_drawing_serves_those_with_the_same_rights_and_nobody_elses(cast):
    assert "Close the morning" in cast.client("office").get(url(cast)).text
    safeguarding = cast.client("safeguarding").get(url(cast)).text
    assert "Close the morning" not in safeguarding
    assert "csrfmiddlewaretoken" not in safeguarding.split('id="board"')[1].split("</main>")[0]


def test_the_page_asks_under_ten_queries_whatever_the_size(cast):
    client, counts = cast.client("office"), []
    all_in(cast)
    for more in (1, 28):
        _, pupils = factories.make_class(cast.school, f"{more}X", more)
        mark(pupils, "N")
        for pupil in pupils[:4]:
            factories.CrossingFactory(pupil=pupil, direction="out", why="other")
            factories.PlannedAbsenceFactory(pupil=pupil, note=pupil.upn)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url(cast)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] < 10


@pytest.mark.parametrize(
    "moment", [at(7), at(9, 5), at(12), at(20), datetime(2025, 3, 15, 9, 5, tzinfo=factories.LONDON)]
)
def test_the_page_stands_at_any_hour(cast, clock, moment):
    clock.move_to(moment)
    for query in ("", "?session=AM", "?session=PM", "?session=x"):
        assert cast.client("safeguarding").get(url(cast) + query).status_code == 200


# Closing


def close(cast, reasons=None, who="office", session=AM):
    return close_session(school=cast.school, session=session, reasons=reasons or {}, by=cast.actor(who))


def test_the_morning_is_closed_at_zero(cast, clock):
    all_in(cast)
    clock.move_to(at(9, 31))
    close(cast)
    assert AuditRow.objects.get(verb="close_session").summary.startswith("Closed the morning of Tuesday 11 March 2025")
    assert seen(cast, at(9, 32)).closed_by == cast.people["office"].name


def test_or_with_a_named_persons_reason_for_each_child(cast, clock):
    all_in(cast)
    for pupil in cast.pupils[:2]:
        now_is(pupil, "N")
    clock.move_to(at(9, 31))
    first, second = cast.pupils[:2]
    with pytest.raises(Refused) as refused:
        close(cast, {first.pk: "Home visit under way", second.pk: "  "})
    assert refused.value.reasons == [f"{second.name} is not accounted for: give the reason, or enter the mark."]
    assert not AccountedFor.objects.exists()
    close(cast, {first.pk: "Home visit under way", second.pk: "Police informed", cast.pupils[3].pk: "not asked"})
    assert {row.pupil_id: row.by_name for row in AccountedFor.objects.all()} == {
        first.pk: cast.people["office"].name, second.pk: cast.people["office"].name,
    }  # fmt: skip
    assert AuditRow.objects.filter(verb="account_for", pupil_id=first.pk).exists()


def test_a_child_who_turns_up_as_missing_after_the_close_is_red_again(cast, clock):
    all_in(cast)
    clock.move_to(at(9, 31))
    close(cast)
    now_is(cast.pupils[0], "N")
    assert seen(cast, at(9, 40)).count.all == 1
    close(cast, {cast.pupils[0].pk: "Seen in the office"}, who="manager")
    assert SessionClose.objects.get().closed_by == cast.people["office"]
    assert seen(cast, at(9, 40)).count.all == 0


@pytest.mark.parametrize(("moment", "words"), [(at(8), "opens at 09:00"), (at(9, 5), "due at 09:25")])
def test_it_is_not_closed_before_the_registers_are_due(cast, clock, moment, words):
    clock.move_to(moment)
    with pytest.raises(Refused, match=words):
        close(cast)


def test_there_is_nothing_to_close_on_a_sunday(cast, clock):
    clock.move_to(datetime(2025, 3, 30, 10, 0, tzinfo=factories.LONDON))
    with pytest.raises(Refused, match="no school"):
        close(cast)


def test_nothing_is_closed_when_the_audit_fails(cast, clock, monkeypatch):
    all_in(cast)
    clock.move_to(at(9, 31))
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        close(cast)
    assert not SessionClose.objects.exists()


def test_closing_by_page_keeps_what_was_typed(cast, clock):
    all_in(cast)
    for pupil in cast.pupils[:2]:
        now_is(pupil, "N")
    clock.move_to(at(9, 31))
    client, first, second = cast.client("office"), *cast.pupils[:2]
    answer = client.post(url(cast, "close_day"), {f"reason_{first.pk}": "Home visit"})
    assert (answer.status_code, "Home visit" in answer.text) == (422, True)
    both = {f"reason_{first.pk}": "Home visit", f"reason_{second.pk}": "Police"}
    assert "The morning is closed" in client.post(url(cast, "close_day"), both, follow=True).text


def test_one_line_accounts_for_a_class_whose_register_is_not_in(cast, clock):
    clock.move_to(at(9, 31))
    first, *others = cast.pupils
    page = cast.client("office").get(url(cast, "close_day")).text
    assert f"take the register of {cast.own_class.name}" in page
    said = {f"class_{cast.own_class.pk}": "On paper: all in", f"class_{cast.other_class.pk}": "On paper: all in"}
    answer = cast.client("office").post(url(cast, "close_day"), {**said, f"reason_{first.pk}": "Rung, on her way"})
    assert answer.status_code == 302
    reasons = dict(AccountedFor.objects.values_list("pupil", "reason"))
    assert reasons.pop(first.pk) == "Rung, on her way"
    assert reasons == dict.fromkeys((each.pk for each in [*others, *cast.other_pupils]), "On paper: all in")


# Remind


def ask(cast, who="office"):
    return remind(school=cast.school, class_group=cast.own_class, day=TODAY, session=AM, by=cast.actor(who))


def test_a_reminder_is_on_the_teachers_page_and_in_her_mail(cast):
    reminder = ask(cast)
    office = cast.people["office"].name
    page = reverse("registers:take_register", args=[cast.school.urn, cast.own_class.pk, TODAY, AM])
    assert f"{office} is waiting for this register" in cast.client("teacher").get(page).text
    for _ in range(2):  # delivered twice by the queue
        mail_reminder(school=cast.school, reminder=reminder, address="https://school.example/x/")
    [letter] = mail.outbox
    assert (letter.to, letter.subject) == ([cast.people["teacher"].email], "Please send the register of 3A")
    assert "https://school.example/x/" in letter.body
    assert seen(cast, at(9, 31)).registers[0].reminded.mailed_to == cast.people["teacher"].name


def test_two_people_remind_at_once(cast):
    ask(cast)
    with pytest.raises(Refused, match="reminded at 09:05"):
        ask(cast, "manager")
    assert Reminder.objects.count() == 1


def test_a_register_that_is_in_is_not_asked_for(cast):
    send(cast, cast.own_class)
    with pytest.raises(Refused, match="has come in"):
        ask(cast)


def test_nobody_to_mail_is_seen_on_the_board(cast):
    cast.own_class.teachings.all().delete()
    mail_reminder(school=cast.school, reminder=ask(cast), address="x")
    assert "Nobody is down" in cast.client("office").get(url(cast)).text


def test_a_mail_server_that_is_down_is_seen_and_stops_nobody(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    mail_reminder(school=cast.school, reminder=ask(cast), address="x")
    assert Reminder.objects.get().fault == "The e-mail did not go: ConnectionRefusedError."


def test_remind_by_page_queues_the_mail(cast, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.mail_reminder, "apply_async", lambda arguments, **_: sent.append(arguments))
    address = reverse("registers:remind", args=[cast.school.urn, cast.own_class.pk, TODAY, AM])
    assert "Reminded of the register of 3A" in cast.client("office").post(address, follow=True).text
    [(school_id, reminder_id, where)] = sent
    assert (school_id, reminder_id) == (cast.school.pk, Reminder.objects.get().pk)
    assert where.endswith(f"/{cast.own_class.pk}/{TODAY}/AM/")


def test_a_call_and_a_report_stand_on_the_childs_line(cast):
    rung, reported = cast.pupils[:2]
    mark([rung, reported], "N")
    mother = factories.ContactFactory(pupil=rung)
    log_try(
        school=cast.school, pupils=[rung], contacts=[mother], outcome="no_answer", key=uuid4(), by=cast.actor("office")
    )
    report = {"source": "call", "who": "Father", "words": "Fever", "start": TODAY, "end": TODAY, "together": uuid4()}
    AbsenceReport.objects.create(
        school=cast.school, pupil=reported, proposed=code_for("I", TODAY).number, made_at=at(9), by_name="A", **report
    )
    found = seen(cast, at(9, 5))
    assert [(c.pupil_id, c.rung.said) for c in found.without_reason] == [(rung.pk, "No answer")]
    assert [(c.pupil_id, c.report.code.letter, c.report.words) for c in found.to_confirm] == [
        (reported.pk, "I", "Fever")
    ]
    text = cast.client("office").get(url(cast)).text
    assert "no answer · " in text
    assert "Father: “Fever”" in text


def test_the_pages_of_the_offices_day_stand_under_today(cast: Cast) -> None:
    for name in ("late_desk", "see_signed_out", "see_evacuation"):
        answer = cast.client("office").get(reverse(f"registers:{name}", args=[cast.school.urn]))
        assert [item["text"] for item in answer.context["nav_items"] if item["current"]] == ["Today"], name
