"""Webhooks: changes found in the sealed logs, sent over real TLS to a real server, tried again, stopped, and shown.

Nothing personal is in a message, none is lost to a slow transaction or a killed worker, and none goes inside.
"""

import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from attendance_mis import outgoing, seals, status
from attendance_mis.actions import (
    Refused,
    add_webhook,
    end_webhook,
    note_changes,
    resume_webhook,
    send_webhooks,
    test_webhook,
)
from attendance_mis.models import AuditRow, Delivery, Webhook
from attendance_mis.tenancy import acting_for
from attendance_mis.webhooks import headers_of
from registers.actions.pupils import admit_pupil, edit_pupil
from tests.attendance_mis import receiver as receivers
from tests.attendance_mis.receiver import Receiver
from tests.conftest import REGISTER_TIME, TODAY, Cast
from tests.letters.worker import Worker
from tests.registers.conftest import Mark

BOTH = ["marks.changed", "pupils.changed"]
MINUTE = timedelta(minutes=1)
SEND = "attendance_mis.tasks.send_webhooks"


@pytest.fixture
def receiver(tmp_path: Path, settings) -> Iterator[Receiver]:
    with receivers.running(tmp_path) as receiver:
        settings.WEBHOOKS_INSIDE, settings.WEBHOOK_CA_FILE = True, str(receiver.certificate)
        yield receiver


@pytest.fixture
def hook(cast: Cast, receiver: Receiver) -> Webhook:
    return add(cast, receiver.url)


def add(cast: Cast, url: str, events: list[str] = BOTH) -> Webhook:
    by = cast.actor("technician")
    return add_webhook(school=cast.school, partner="Elm Analytics", url=url, events=events, by=by)[0]


def tick(cast: Cast) -> None:
    """What the clock does each minute."""
    seals.seal(cast.school)
    note_changes(school=cast.school)
    send_webhooks(school=cast.school)


def page_of(cast: Cast, webhook: Webhook) -> str:
    return cast.client("technician").get(reverse("see_webhook", args=[cast.school.urn, webhook.pk])).text


# Adding one


@pytest.mark.usefixtures("clock")
def test_a_technician_adds_an_address_and_sees_the_secret_once(cast: Cast) -> None:
    client = cast.client("technician")
    address = reverse("add_webhook", args=[cast.school.urn])
    wrong = client.post(address, {"partner": "Elm", "url": "http://elm.example/", "events": BOTH})
    assert wrong.status_code == 422
    assert "beginning with https://" in wrong.text
    assert 'value="http://elm.example/"' in wrong.text
    made = client.post(address, {"partner": "Elm", "url": "https://elm.example/x", "events": BOTH})
    secret = made.context["secret"]
    assert secret in made.text
    webhook = Webhook.objects.get()
    assert secret not in page_of(cast, webhook)
    kept = str([*Webhook.objects.values(), *AuditRow.objects.values()])
    assert secret.removeprefix("whsec_") not in kept
    assert AuditRow.objects.get(verb="add_webhook").data == {"url": "https://elm.example/x", "events": BOTH}
    assert "Nothing was sent yet" in page_of(cast, webhook)


# What is told


@pytest.mark.usefixtures("clock")
def test_marks_are_told_of_without_a_name_a_code_or_a_number_of_a_child(
    cast: Cast, hook: Webhook, receiver: Receiver, mark: Mark
) -> None:
    tick(cast)
    assert receiver.messages == []
    mark(*cast.pupils)
    tick(cast)
    [message] = receiver.messages
    told = json.loads(message.body)
    newest = seals.last_sealed("registers_entry")
    assert told == {
        "type": "marks.changed",
        "timestamp": "2025-03-11T09:05:00+00:00",
        "data": {"school": cast.school.urn, "newest": newest},
    }
    assert message.path == "/changes?from=school"
    assert message.headers["host"] == receiver.url.split("/")[2]
    tick(cast)
    assert len(receiver.messages) == 1
    assert "Answer 204" in page_of(cast, hook)


@pytest.mark.usefixtures("clock")
def test_the_receiver_can_prove_whose_it_is(cast: Cast, receiver: Receiver, mark: Mark) -> None:
    _, secret = add_webhook(
        school=cast.school, partner="Elm", url=receiver.url, events=BOTH, by=cast.actor("technician")
    )
    mark(cast.pupils[0])
    tick(cast)
    [message] = receiver.messages
    signed = headers_of(message.headers["webhook-id"], at=REGISTER_TIME, body=message.body, secret=secret)
    assert message.headers["webhook-signature"] == signed["webhook-signature"]
    assert message.headers["webhook-timestamp"] == signed["webhook-timestamp"]


@pytest.mark.usefixtures("clock")
def test_pupils_who_come_and_go_are_told_of(cast: Cast, hook: Webhook, receiver: Receiver) -> None:
    by = cast.actor("manager")
    values = {
        "legal_forename": "Imani",
        "legal_surname": "Boateng",
        "date_of_birth": TODAY.replace(year=2017),
        "year_group": "3",
    }
    pupil = admit_pupil(school=cast.school, values=values, admission_date=TODAY, by=by)
    tick(cast)
    edit_pupil(pupil=pupil, changes={"legal_surname": ("Boateng", "Mensah")}, by=by)
    tick(cast)
    kinds = [json.loads(message.body)["type"] for message in receiver.messages]
    assert kinds == ["pupils.changed", "pupils.changed"]
    assert b"Imani" not in b"".join(message.body for message in receiver.messages)
    cast.client("technician").get(cast.url("status/"))
    tick(cast)
    assert len(receiver.messages) == 2


@pytest.mark.usefixtures("clock")
def test_each_is_told_of_what_it_asked_for_and_of_its_own_school(cast: Cast, receiver: Receiver, mark: Mark) -> None:
    add(cast, receiver.url, ["pupils.changed"])
    with acting_for(cast.other_school):
        by = cast.actor("technician")
        add_webhook(school=cast.other_school, partner="Oak", url=receiver.url, events=BOTH, by=by)
    mark(cast.pupils[0])
    tick(cast)
    with acting_for(cast.other_school):
        seals.seal(cast.other_school)
        note_changes(school=cast.other_school)
        send_webhooks(school=cast.other_school)
    assert receiver.messages == []


@pytest.fixture
def meanwhile(transactional_db: None, cast: Cast) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool
        pool.submit(lambda: connection.close()).result()


@pytest.mark.usefixtures("clock")
def test_an_entry_committed_after_a_later_one_is_told_of(
    meanwhile: ThreadPoolExecutor, cast: Cast, hook: Webhook, receiver: Receiver, mark: Mark
) -> None:
    """Two connections: the slow save drew its number first. Nobody is told past it before it is there."""

    def later() -> None:
        with acting_for(cast.school):
            mark(cast.pupils[1])
            with pytest.raises(TimeoutError):
                seals.seal(cast.school)  # somebody writes: the next tick seals
            note_changes(school=cast.school)

    with transaction.atomic():
        slow = mark(cast.pupils[0]).entry_id
        meanwhile.submit(later).result()
        assert not Delivery.objects.exists()
    tick(cast)
    [message] = receiver.messages
    assert json.loads(message.body)["data"]["newest"] == slow + 1


# What does not arrive


def test_it_is_tried_again_with_the_same_id_and_words(
    cast: Cast, clock, hook: Webhook, receiver: Receiver, mark: Mark
) -> None:
    receiver.answer = 503
    mark(cast.pupils[0])
    tick(cast)
    assert "Failing" in page_of(cast, hook)
    assert "Answer 503" in page_of(cast, hook)
    mark(cast.pupils[1])
    tick(cast)
    assert len(receiver.messages) == 1, "a minute has not gone by"
    for wait in (1, 5, 30):
        clock.shift(MINUTE * wait)
        tick(cast)
    assert len(receiver.messages) == 4
    receiver.answer = 200
    clock.shift(timedelta(hours=2))
    tick(cast)
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 1
    assert len({message.body for message in receiver.messages}) == 1
    assert len({message.headers["webhook-timestamp"] for message in receiver.messages}) == 5
    assert "Working" in page_of(cast, hook)
    # What changed meanwhile is told of by one more.
    tick(cast)
    assert len(receiver.messages) == 6
    assert len({message.headers["webhook-id"] for message in receiver.messages}) == 2


def test_who_never_answers_is_stopped_and_begun_again_by_a_person(
    cast: Cast, clock, hook: Webhook, receiver: Receiver, mark: Mark
) -> None:
    receiver.answer = 500
    mark(cast.pupils[0])
    for _ in range(8):
        tick(cast)
        clock.shift(timedelta(days=1))
    assert "Stopped" in page_of(cast, hook)
    tried = len(receiver.messages)
    assert tried == 6, "the day it began, and five days after it"
    stopped = AuditRow.objects.get(verb="stop_webhook")
    assert stopped.summary == "Stopped telling Elm Analytics of changes: no message arrived for 5 days."
    assert any("Elm Analytics is told of no changes" in warning for warning in status.of(cast.school).warnings)
    with pytest.raises(Refused, match="begin it again"):
        test_webhook(webhook=hook, by=cast.actor("technician"))
    receiver.answer = 200
    resume_webhook(webhook=hook, by=cast.actor("technician"))
    tick(cast)
    assert len(receiver.messages) == tried + 1
    assert "Working" in page_of(cast, hook)
    with pytest.raises(Refused, match="not stopped"):
        resume_webhook(webhook=hook, by=cast.actor("technician"))


@pytest.mark.usefixtures("clock")
def test_who_wants_no_more_is_stopped_at_once(cast: Cast, hook: Webhook, receiver: Receiver, mark: Mark) -> None:
    receiver.answer = 410
    mark(cast.pupils[0])
    tick(cast)
    assert Webhook.objects.get().state == "Stopped"
    assert "it wants no more" in AuditRow.objects.get(verb="stop_webhook").summary


@pytest.mark.usefixtures("clock")
def test_one_that_is_ended_is_sent_nothing(cast: Cast, hook: Webhook, receiver: Receiver, mark: Mark) -> None:
    mark(cast.pupils[0])
    seals.seal(cast.school)
    note_changes(school=cast.school)
    end_webhook(webhook=hook, by=cast.actor("head"))
    tick(cast)
    assert receiver.messages == []
    assert "Not sent" in page_of(cast, hook)
    with pytest.raises(Refused, match="ended already"):
        end_webhook(webhook=hook, by=cast.actor("head"))


def test_what_arrived_is_kept_for_ninety_days(cast: Cast, clock, hook: Webhook, receiver: Receiver, mark: Mark) -> None:
    mark(cast.pupils[0])
    tick(cast)
    clock.shift(timedelta(days=91))
    mark(cast.pupils[1])
    tick(cast)
    assert Delivery.objects.count() == 1


@pytest.mark.usefixtures("clock")
def test_a_test_is_sent_and_seen(
    cast: Cast, hook: Webhook, receiver: Receiver, django_capture_on_commit_callbacks, monkeypatch
) -> None:
    sent: list[object] = []
    monkeypatch.setattr("attendance_mis.schedule.current_app.send_task", lambda *given, **_: sent.append(given))
    address = reverse("test_webhook", args=[cast.school.urn, hook.pk])
    with django_capture_on_commit_callbacks(execute=True):
        said = cast.client("technician").post(address, follow=True).text
    assert "The test is on its way" in said
    assert sent == [(SEND, [cast.school.pk])]
    assert "A test is on its way already" in cast.client("technician").post(address, follow=True).text
    send_webhooks(school=cast.school)
    [message] = receiver.messages
    assert json.loads(message.body)["type"] == "test"
    assert "Arrived" in page_of(cast, hook)


# Where it does not go


def refused(url: str) -> str:
    with pytest.raises(outgoing.NotSent) as found:
        outgoing.post(url, body=b"{}", headers={})
    return str(found.value)


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f.1", "169.254.169.254", "[::ffff:127.0.0.1]", "10.0.0.1"],
)
def test_nothing_is_sent_to_this_machine_or_network(receiver: Receiver, settings, host: str) -> None:
    settings.WEBHOOKS_INSIDE = False
    port = receiver.url.split(":")[2].split("/")[0]
    assert refused(f"https://{host}:{port}/") == "This address is not on the internet."
    assert receiver.messages == []


def test_a_name_with_one_address_within_is_refused_and_asked_for_once(settings, monkeypatch) -> None:
    """A name that leads out at the first question and in at the second has no second."""
    answers = iter([["8.8.8.8", "127.0.0.1"]])

    def named(host: str, port: int, **_: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in next(answers)]

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", named)
    assert refused("https://partner.example/") == "This address is not on the internet."
    assert next(answers, None) is None


def test_no_answer_leads_elsewhere(receiver: Receiver, tmp_path: Path) -> None:
    receiver.answer, receiver.location = 307, receiver.url.replace("/changes", "/elsewhere")
    assert outgoing.post(receiver.url, body=b"{}", headers={}) == 307
    assert [message.path for message in receiver.messages] == ["/changes?from=school"]


def test_a_certificate_of_another_name_is_none(tmp_path: Path, settings) -> None:
    with receivers.running(tmp_path, name="partner.example") as other:
        settings.WEBHOOKS_INSIDE, settings.WEBHOOK_CA_FILE = True, str(other.certificate)
        assert refused(other.url) == "Its certificate is not the one of this address."
        settings.WEBHOOK_CA_FILE = ""
        assert refused(other.url) == "Its certificate is not the one of this address."
        assert other.messages == []


def test_an_answer_that_never_ends_is_cut_off(receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setattr(outgoing, "DEADLINE_SECONDS", 0.3)
    receiver.drips = True
    assert refused(receiver.url) == "No answer within 0.3 seconds."


def test_nobody_there(settings) -> None:
    settings.WEBHOOKS_INSIDE = True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert refused(f"https://localhost:{port}/") == "The connection could not be made, or broke."
    assert refused("https://nobody.invalid/") == "There is no machine of this name."
    assert "https://" in refused("http://partner.example/")


# The real worker


def wait_until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)  # a row of another process: there is nothing to be told by


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_after_it_sent_sends_it_again_with_the_same_id(
    cast: Cast, receiver: Receiver, mark: Mark, tmp_path: Path
) -> None:
    hook = add(cast, receiver.url)
    mark(cast.pupils[0])
    seals.seal(cast.school)
    worker = Worker(tmp_path / "var", WEBHOOKS_INSIDE="1", WEBHOOK_CA_FILE=str(receiver.certificate))
    receiver.hold = Event()
    try:
        worker.start()
        worker.send(SEND, cast.school.pk)
        assert receiver.has_come.wait(120), "the worker sends nothing"
        worker.kill()
        receiver.hold.set()
        delivery = Delivery.objects.get()
        assert (delivery.tries, delivery.arrived_at, delivery.status) == (1, None, None)

        receiver.has_come.clear()
        hook.deliveries.update(next_try_at=timezone.now())  # a minute later
        worker.start()
        worker.send(SEND, cast.school.pk)
        wait_until(lambda: Delivery.objects.filter(arrived_at__isnull=False).exists(), "it is not sent again")
    finally:
        worker.kill()
    first, second = receiver.messages
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == str(delivery.message_id)
    assert first.body == second.body
    assert Delivery.objects.get().tries == 2
