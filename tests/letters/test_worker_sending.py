"""Letters leave by the real worker and clock, while Notify and the mail server refuse, and the worker is killed."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from letters.actions import rendering
from letters.models import Copy, LetterTemplate
from letters.occasions import Occasion
from letters.sending_rules import LEFT_BEHIND_AFTER
from tests.factories import ContactFactory
from tests.letters.notify_server import NotifyServer
from tests.letters.smtp_server import SmtpServer
from tests.letters.test_letters import approve, queue
from tests.letters.test_worker_killed import by_itself, wait_until


def approved(cast, channel: str) -> Copy:
    """A copy that leaves this way as soon as the worker comes."""
    ContactFactory(pupil=cast.pupils[0], postcode="N1 2AB", address_1="1 Mill Lane", town="London")
    letter = queue(cast, occasion=Occasion.ILLNESS)
    LetterTemplate.objects.filter(occasion=Occasion.ILLNESS.value).update(channel=channel)
    approve(cast, letter)
    return letter.copies.get()


def waits_after(copy: Copy, fault: str) -> None:
    """Until the worker has met this refusal: it is seen, waits, and a minute later is due."""

    def is_told() -> bool:
        copy.refresh_from_db()
        return fault in copy.fault

    wait_until(is_told, f"nobody is told of {fault}")
    assert copy.status == "rendered"
    assert copy.next_try_at > timezone.now() + timedelta(seconds=30), "it is not pressed upon them"
    Copy.objects.update(next_try_at=None)


def is_sent(copy: Copy) -> bool:
    copy.refresh_from_db()
    return copy.status == "sent"


@pytest.mark.django_db(transaction=True)
def test_notify_refuses_and_the_worker_is_killed_while_notify_has_the_letter(cast, tmp_path: Path) -> None:
    copy = approved(cast, "notify")
    with NotifyServer() as notify:
        notify.answers = [429, 500, "accepted, never answers"]
        account = {"NOTIFY": json.dumps({cast.school.urn: notify.account()}), "NOTIFY_URL": notify.url}
        with by_itself(tmp_path, NOTIFY_TIMEOUT="60", **account) as worker:
            waits_after(copy, "(429)")
            waits_after(copy, "(500)")
            assert notify.accepted.wait(60), "it is not sent"
            worker.kill()
            copy.refresh_from_db()
            assert copy.status == "sending", "nobody knows yet what became of it"
            notify.released.set()
            Copy.objects.update(claimed_at=timezone.now() - LEFT_BEHIND_AFTER - timedelta(minutes=1))
            worker.start()
            worker.start_clock()
            wait_until(lambda: is_sent(copy), "the second worker does not take it up")
        [sent] = notify.sent
        assert sent["reference"] == str(copy.reference), "Notify was asked first, and got it once"
        assert base64.b64decode(sent["wanted"]["content"]) == rendering.stored(copy)


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_refuses_gets_the_letter_once_when_it_takes_it(cast, tmp_path: Path) -> None:
    copy = approved(cast, "email")
    with SmtpServer() as smtp:
        smtp.answers = ["greeting 421", "rcpt 450"]
        with by_itself(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{smtp.port}"):
            waits_after(copy, "does not answer")
            waits_after(copy, "(450)")
            wait_until(lambda: is_sent(copy), "it is not sent")
        assert len(smtp.taken) == 1
        assert copy.fault == ""
