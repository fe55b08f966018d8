"""Copies leave by e-mail and by GOV.UK Notify: through the real clients, with every fault there is."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from django.core import mail
from django.utils import timezone

from attendance_mis.actions import Refused
from letters.actions import leaving, messages, rendering
from letters.actions.copies import cancel_copy, try_again
from letters.models import Copy, LetterTemplate, Message
from letters.occasions import Occasion
from registers.models import Contact, Pupil
from tests.letters.notify_server import NotifyServer
from tests.letters.smtp_server import SmtpServer
from tests.letters.test_letters import approve, queue

pytestmark = pytest.mark.usefixtures("clock", "parents")


def made(cast, channel, occasion=Occasion.PENALTY_WARNING):
    """A copy that is ready to leave this way."""
    letter = queue(cast, occasion=occasion)
    LetterTemplate.objects.filter(occasion=occasion.value).update(channel=channel)
    approve(cast, letter)
    rendering.render_due(school=cast.school)
    return letter.copies.get()


def state(copy):
    copy.refresh_from_db()
    return copy.status, copy.attempts, copy.fault


def send_later(cast, minutes):
    Copy.objects.update(next_try_at=timezone.now() - timedelta(minutes=minutes))
    leaving.send_due(school=cast.school)


def test_notify_prints_what_was_stored_once(cast, notify: NotifyServer):
    copy = made(cast, "notify")
    notify.answers = [429, 500, "accepted, hangs up"]
    for attempt, said in ((1, "(429)"), (2, "(500)"), (3, "does not answer")):
        leaving.send_due(school=cast.school)
        status, attempts, fault = state(copy)
        assert (status, attempts) == ("rendered", attempt)
        assert said in fault or attempt == 3
        leaving.send_due(school=cast.school)
        assert copy.attempts == attempt, "it waits before it is tried again"
        Copy.objects.update(next_try_at=None)
    leaving.send_due(school=cast.school)
    assert state(copy)[0] == "sent"
    assert copy.served_on.isoformat() == "2025-03-13"
    assert [sent["reference"] for sent in notify.sent] == [str(copy.reference)], "Notify got it once"
    import base64

    assert base64.b64decode(notify.sent[0]["wanted"]["content"]) == rendering.stored(copy)
    notify.becomes("technical-failure")
    leaving.ask_what_became(school=cast.school)
    assert state(copy)[0] == "failed"
    try_again(copy=copy, channel="print", by=cast.actor("manager"))
    assert Copy.objects.to_print().get() == copy


def test_email_with_the_pdf_and_a_plain_text(cast, settings):
    settings.EMAIL_URL = "smtp://localhost"
    copy = made(cast, "email", Occasion.CONCERN)
    leaving.send_due(school=cast.school)
    assert state(copy)[0] == "sent"
    [message] = mail.outbox
    assert message.subject == f"{cast.pupils[0].forename}'s attendance"
    assert message.body.startswith("Dear Ms ")
    [(name, data, kind)] = message.attachments
    assert (data, kind) == (rendering.stored(copy), "application/pdf")
    assert cast.pupils[0].surname not in name
    assert copy.served_on is None
    leaving.send_due(school=cast.school)
    assert len(mail.outbox) == 1


def test_a_mail_server_that_refuses_is_waited_for(cast, settings):
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://localhost", "127.0.0.1", 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    copy = made(cast, "email", Occasion.CONCERN)
    leaving.send_due(school=cast.school)
    assert state(copy) == ("rendered", 1, "The mail server does not answer.")
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    send_later(cast, 1)
    assert state(copy)[0] == "sent"


def test_a_worker_that_died_with_an_email_sends_it_no_second_time(cast, settings, clock):
    settings.EMAIL_URL = "smtp://localhost"
    copy = made(cast, "email", Occasion.CONCERN)
    leaving._claim(cast.school, copy.pk)
    clock.shift(timedelta(minutes=7))
    leaving.send_due(school=cast.school)
    status, _, fault = state(copy)
    assert status == "failed"
    assert "Nobody knows whether it arrived" in fault
    assert mail.outbox == []
    try_again(copy=copy, channel="email", by=cast.actor("manager"))
    leaving.send_due(school=cast.school)
    assert state(copy)[0] == "sent"
    with pytest.raises(Refused, match="It has left"):
        cancel_copy(copy=copy, by=cast.actor("manager"))


def test_short_words_as_a_text_are_as_far_as_their_message(cast, notify: NotifyServer):
    copy = made(cast, "text", Occasion.CONCERN)
    notify.answers = [500]
    leaving.send_due(school=cast.school)
    messages.send_due(school=cast.school)
    leaving.follow_messages(school=cast.school)
    assert state(copy)[0] == "sending", "its message is tried again"
    Message.objects.update(next_try_at=timezone.now() - timedelta(minutes=1))
    messages.send_due(school=cast.school)
    leaving.follow_messages(school=cast.school)
    assert state(copy)[0] == "sent"
    [sent] = notify.sent
    assert sent["wanted"]["phone_number"] == copy.mobile
    said = f"{cast.school.name} has a letter for you about {cast.pupils[0].forename}. Please ring us on 020"
    assert sent["wanted"]["personalisation"]["body"].startswith(said)
    notify.becomes("delivered")
    messages.ask_what_became(school=cast.school)
    leaving.follow_messages(school=cast.school)
    assert state(copy)[0] == "delivered"
    leaving.send_due(school=cast.school)
    assert Message.objects.count() == 1


def test_short_words_that_do_not_arrive_fail_their_copy_and_it_is_printed_instead(cast, notify: NotifyServer):
    copy = made(cast, "note", Occasion.FORMAL_WARNING)
    leaving.send_due(school=cast.school)
    messages.send_due(school=cast.school)
    leaving.follow_messages(school=cast.school)
    notify.becomes("permanent-failure")
    messages.ask_what_became(school=cast.school)
    leaving.follow_messages(school=cast.school)
    assert state(copy)[::2] == ("failed", "The provider says this address or number does not exist.")
    assert copy.served_on is None, "short words serve nothing"
    try_again(copy=copy, channel="print", by=cast.actor("manager"))
    assert Copy.objects.to_print().get() == copy
    assert len(notify.sent) == 1


def test_a_worker_that_died_before_the_short_words_were_queued(cast, notify: NotifyServer, clock):
    copy = made(cast, "text", Occasion.CONCERN)
    leaving._claim(cast.school, copy.pk)
    clock.shift(timedelta(minutes=7))
    leaving.send_due(school=cast.school)
    assert Message.objects.get().copies.get() == copy


def test_who_has_no_mobile_gets_the_letter_on_paper(cast, notify: NotifyServer):
    Contact.objects.update(mobile="020 7946 0123")
    assert made(cast, "text", Occasion.CONCERN).channel == "print"


@pytest.fixture
def smtp(settings):
    """The school's mail server, reached by the real client."""
    with SmtpServer() as server:
        settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://localhost", "127.0.0.1", server.port
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        yield server


def test_a_name_adds_no_header(cast, smtp):
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(
        legal_forename="Amina\r\nBcc: everybody@home.example\r\n\r\n<script>"
    )
    copy = made(cast, "email", Occasion.CONCERN)
    leaving.send_due(school=cast.school)
    assert state(copy)[0] == "sent"
    [taken] = smtp.taken
    headers = message_from_bytes(taken, policy=policy.default)
    assert headers["Bcc"] is None
    assert headers["Subject"] == "Amina Bcc: everybody@home.example <script>'s attendance"
    assert headers["To"] == copy.email


@pytest.mark.parametrize("answer", ["greeting 421", "rcpt 450", "data 452"])
def test_a_mail_server_that_takes_nothing_now_is_waited_for(cast, smtp, answer):
    copy = made(cast, "email", Occasion.CONCERN)
    smtp.answers = [answer]
    leaving.send_due(school=cast.school)
    status, attempts, fault = state(copy)
    assert (status, attempts) == ("rendered", 1)
    assert fault.startswith("The mail server does not")
    leaving.send_due(school=cast.school)
    assert smtp.taken == [], "not before its time"
    send_later(cast, 1)
    assert state(copy)[0] == "sent"
    assert len(smtp.taken) == 1


def test_a_mail_server_that_refuses_for_good_is_not_asked_again(cast, smtp):
    copy = made(cast, "email", Occasion.CONCERN)
    smtp.answers = ["rcpt 550"]
    leaving.send_due(school=cast.school)
    assert state(copy)[::2] == ("failed", "The mail server does not take it (550).")
    send_later(cast, 60)
    assert smtp.taken == []


def test_a_mail_server_that_hangs_up_after_the_letter_is_sent_no_second_one(cast, smtp):
    copy = made(cast, "email", Occasion.CONCERN)
    smtp.answers = ["hangs up after data"]
    leaving.send_due(school=cast.school)
    status, _, fault = state(copy)
    assert status == "failed"
    assert "Nobody knows whether it arrived" in fault
    send_later(cast, 60)
    assert smtp.taken == []
