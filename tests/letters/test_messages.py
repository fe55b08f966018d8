"""A text or e-mail on its way: through the real Notify client to a server on the loopback."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest
from django.conf import settings as configured
from django.core import mail
from django.db import connection
from django.test import override_settings

from attendance_mis.actions import Refused
from attendance_mis.models import AuditRow
from attendance_mis.permissions import Role
from letters import sending_rules
from letters.actions import messages
from letters.models import Message, Reply
from tests import databases
from tests.conftest import REGISTER_TIME
from tests.factories import ContactFactory
from tests.letters.notify_server import NotifyServer

BODY = "Amina is not in school today and we do not know why. Please call 020 7946 0000."


def queue(cast, **given):
    contact = ContactFactory(pupil=cast.pupils[0])
    values = {"way": "text", "address": contact.mobile, "body": BODY, **given}
    return messages.queue_message(
        school=cast.school, pupil=cast.pupils[0], contact=contact, by=cast.actor(Role.OFFICE), **values
    )


def state(message):
    message.refresh_from_db()
    return message.status, message.attempts, message.fault


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 5), (4, 15), (5, 30), (6, 60), (7, 120), (8, None)]
)
def test_back_off(attempts, minutes):
    at = sending_rules.next_try(attempts, REGISTER_TIME, None)
    assert at == (minutes and REGISTER_TIME + timedelta(minutes=minutes))


def test_nothing_is_tried_again_when_it_would_be_of_no_use():
    assert sending_rules.next_try(1, REGISTER_TIME, REGISTER_TIME + timedelta(minutes=1)) is None


@pytest.mark.parametrize(
    ("number", "can"),
    [("07700 900123", True), ("+44 7700 900123", True), ("0044 7700 900123", True), ("020 7946 0123", False),
     ("07600 900123", False), ("+353 85 123 4567", True), ("", False), ("0770", False)],
)  # fmt: skip
def test_a_text_reaches(number, can):
    assert sending_rules.is_mobile(number) is can


def test_one_number_written_in_several_ways():
    ways = ["020 7946 0123", "+44 20 7946 0123", "00442079460123", "+44 (0)20 7946 0123"]
    assert {sending_rules.digits(way) for way in ways} == {"2079460123"}


def test_a_text_is_sent_and_delivered(cast, clock, notify):
    message = queue(cast)
    messages.send_due(school=cast.school)
    assert state(message) == ("sent", 1, "")
    [sent] = notify.sent
    assert sent["wanted"]["phone_number"] == "07700 900123"
    assert sent["wanted"]["personalisation"] == {"body": BODY}
    assert sent["reference"] == str(message.reference)
    notify.becomes("sending")
    messages.ask_what_became(school=cast.school)
    assert state(message)[0] == "sent"
    notify.becomes("delivered")
    clock.shift(timedelta(minutes=1))
    messages.ask_what_became(school=cast.school)
    assert state(message)[0] == "delivered"
    asked = len(notify.asked)
    clock.shift(timedelta(minutes=1))
    messages.ask_what_became(school=cast.school)
    assert [path for path in notify.asked[asked:] if "received" not in path] == [], "a last word is not asked for again"


def test_an_email_by_notify(cast, clock, notify):
    queue(cast, way="email", address="parent@home.example", subject="Amina is not in school")
    messages.send_due(school=cast.school)
    assert notify.sent[0]["wanted"]["personalisation"]["subject"] == "Amina is not in school"


def test_a_failure_comes_back(cast, clock, notify):
    message = queue(cast)
    messages.send_due(school=cast.school)
    notify.becomes("permanent-failure")
    messages.ask_what_became(school=cast.school)
    assert state(message) == ("failed", 1, "The provider says this address or number does not exist.")
    row = AuditRow.objects.get(verb="message_failed")
    assert row.pupil_id == cast.pupils[0].pk


def test_a_number_notify_refuses(cast, clock, notify):
    notify.answers = [400]
    message = queue(cast)
    messages.send_due(school=cast.school)
    status, _, fault = state(message)
    assert status == "failed"
    assert "Not enough digits" in fault
    assert "900" not in fault, "the number stands in no trail"


@pytest.mark.parametrize("answer", [403, 429, 500, "never"])
def test_notify_is_down_or_slow(cast, clock, notify, answer):
    notify.answers = [answer]
    message = queue(cast)
    with override_settings(NOTIFY_TIMEOUT=1 if answer == "never" else 60):
        messages.send_due(school=cast.school)
    status, attempts, fault = state(message)
    assert (status, attempts) == ("queued", 1)
    assert fault.startswith("GOV.UK Notify")
    messages.send_due(school=cast.school)
    assert state(message)[1] == 1, "not before its time"
    clock.shift(timedelta(minutes=1))
    messages.send_due(school=cast.school)
    assert state(message) == ("sent", 2, "")
    assert len(notify.sent) == 1


def test_taken_but_the_answer_was_lost(cast, clock, notify):
    notify.answers = ["accepted, hangs up"]
    message = queue(cast)
    messages.send_due(school=cast.school)
    assert state(message)[0] == "queued"
    clock.shift(timedelta(minutes=1))
    messages.send_due(school=cast.school)
    assert state(message)[0] == "sent"
    assert len(notify.sent) == 1, "asked by its reference before it is sent again"


def test_it_is_given_up_in_the_end(cast, clock, notify):
    notify.answers = [500] * 9
    message = queue(cast)
    for _ in range(9):
        messages.send_due(school=cast.school)
        clock.shift(timedelta(hours=3))
    assert state(message)[:2] == ("failed", 8)
    assert "Given up after 8 attempts" in message.fault


def test_too_late_to_be_of_use(cast, clock, notify):
    message = queue(cast, expires_at=REGISTER_TIME + timedelta(hours=6))
    clock.shift(timedelta(hours=7))
    messages.send_due(school=cast.school)
    assert state(message)[::2] == ("failed", messages.TOO_LATE)
    assert not notify.sent


def test_one_outage_is_one_attempt_not_thirty(cast, clock, notify):
    notify.answers = [500]
    first = queue(cast)
    others = [
        messages.queue_message(
            school=cast.school, way="text", address="07700 900456", body=BODY, by=cast.actor(Role.OFFICE)
        )
        for _ in range(3)
    ]
    messages.send_due(school=cast.school)
    assert state(first)[1] == 1
    assert not notify.sent, "the others wait for the next tick"
    messages.send_due(school=cast.school)
    assert len(notify.sent) == 3
    assert {state(other)[0] for other in others} == {"sent"}


def test_a_proposed_message_waits_and_can_be_taken_back(cast, clock, notify):
    message = queue(cast, proposed=True)
    messages.send_due(school=cast.school)
    assert not notify.sent
    messages.approve_message(message=message, by=cast.actor(Role.HEAD))
    with pytest.raises(Refused):
        messages.approve_message(message=message, by=cast.actor(Role.HEAD))
    messages.cancel_message(message=message, by=cast.actor(Role.HEAD))
    messages.send_due(school=cast.school)
    assert state(message)[0] == "cancelled"
    assert not notify.sent


def test_what_left_can_not_be_taken_back(cast, clock, notify):
    message = queue(cast)
    messages.send_due(school=cast.school)
    with pytest.raises(Refused):
        messages.cancel_message(message=message, by=cast.actor(Role.OFFICE))


def test_a_reply_comes_back_once_to_the_message_it_answers(cast, clock, notify):
    message = queue(cast)
    messages.send_due(school=cast.school)
    notify.text_back("447700900123", "She has a fever", "2025-03-11T09:10:00.000000Z")
    notify.text_back("447700900999", "Wrong number", "2025-03-11T09:11:00.000000Z")
    clock.shift(timedelta(minutes=10))
    for _ in range(2):
        messages.ask_what_became(school=cast.school)
    assert [(reply.message_id, reply.text) for reply in Reply.objects.all()] == [(message.pk, "She has a fever")]


def test_without_a_key_nothing_can_be_sent(cast, clock):
    with pytest.raises(Refused, match="can not send texts yet"):
        queue(cast)
    assert not Message.objects.exists()


def test_a_landline_gets_no_text(cast, clock, notify):
    with pytest.raises(Refused, match="not a mobile number"):
        queue(cast, address="020 7946 0123")


def test_an_email_by_the_schools_own_server(cast, clock, settings):
    settings.EMAIL_URL = "smtp://localhost"
    message = queue(cast, way="email", address="parent@home.example", subject="Amina")
    messages.send_due(school=cast.school)
    assert state(message) == ("sent", 1, "")
    assert mail.outbox[0].to == ["parent@home.example"]
    assert str(message.reference) in mail.outbox[0].extra_headers["Message-ID"]


def test_a_mail_server_that_is_down(cast, clock, settings):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://localhost", "127.0.0.1", 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    message = queue(cast, way="email", address="parent@home.example")
    messages.send_due(school=cast.school)
    assert state(message) == ("queued", 1, "The mail server does not answer.")


def test_an_email_left_behind_is_not_sent_twice(cast, clock, settings):
    settings.EMAIL_URL = "smtp://localhost"
    message = queue(cast, way="email", address="parent@home.example")
    messages.claim(cast.school, message.pk)
    clock.shift(timedelta(minutes=7))
    messages.send_due(school=cast.school)
    assert state(message)[0] == "failed"
    assert "Nobody knows" in message.fault
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_it_once(cast, clock, notify):
    message = queue(cast)
    connection.close()

    def work():
        from attendance_mis.tenancy import acting_for

        with acting_for(cast.school):
            messages.send_due(school=cast.school)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert state(message)[:2] == ("sent", 1)
    assert len(notify.sent) == 1


WORKER = """
import django; django.setup()
from letters.tasks import send_messages
send_messages({school})
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_between_sending_and_recording_does_not_send_twice(cast, notify: NotifyServer):
    notify.answers = ["accepted, never answers"]
    message = queue(cast)
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(school=cast.school.pk)],
        cwd=configured.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": databases.address(),
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "NOTIFY": json.dumps({cast.school.urn: notify.account()}),
            "NOTIFY_URL": notify.url,
            "NOTIFY_TIMEOUT": "60",
        },
    )
    assert notify.accepted.wait(60), "the worker did not send"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    notify.released.set()
    assert state(message)[:2] == ("sending", 1)

    messages.send_due(school=cast.school)
    assert state(message)[0] == "sending", "its worker might still be at it"
    Message.objects.update(claimed_at=datetime.now(tz=message.made_at.tzinfo) - timedelta(minutes=7))
    messages.send_due(school=cast.school)
    assert state(message)[:2] == ("sent", 2)
    assert [sent["reference"] for sent in notify.sent] == [str(message.reference)]
