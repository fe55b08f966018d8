"""The same drawing of a form sent twice writes once; what was refused or failed, or is drawn anew, is done (0061)."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from attendance_mis import caches
from casework.actions import cases
from casework.models import Barrier, Case, Note, Task
from tests.conftest import TODAY, Cast
from tests.databases import until_somebody_waits

pytestmark = pytest.mark.usefixtures("clock")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
NOTE = {"text": "Father rang."}


@pytest.fixture
def case(cast: Cast) -> Case:
    lead = cast.people["manager"].pk
    return cases.open_case(pupil=cast.pupils[0], lead_id=lead, concern="Ill.", today=TODAY, by=cast.actor("manager"))


def url(cast: Cast, name: str, *args: object) -> str:
    return reverse(f"casework:{name}", args=[cast.school.urn, *args])


def drawn(client: Client, address: str) -> dict[str, str]:
    """The hidden fields of the form at this address."""
    match = TOKEN.search(client.get(address).content.decode())
    assert match
    return {"csrfmiddlewaretoken": match[1]}


def test_notes_barriers_and_tasks_are_one_each(cast: Cast, case: Case) -> None:
    client, tomorrow = cast.client("manager"), TODAY + timedelta(1)
    task = {"title": "Ring", "owner": "attendance lead", "due": f"{tomorrow}", "text": ""}
    forms = [
        (url(cast, "add_note", case.pk), NOTE),
        (url(cast, "add_barrier", case.pk), {"side": "parents", "what": "Night shifts"}),
        (url(cast, "add_task", case.pupil_id), task),
    ]
    for address, values in forms:
        sent = drawn(client, address) | values
        answers = [client.post(address, sent) for _ in range(2)]
        assert [(each.status_code, each.url) for each in answers] == [(302, url(cast, "see_case", case.pupil_id))] * 2
    assert [each.objects.count() for each in (Note, Barrier, Task)] == [1, 1, 1]


def test_the_second_answer_says_the_same(cast: Cast) -> None:
    client, address = cast.client("teacher"), url(cast, "raise_concern", cast.pupils[0].pk)
    sent = drawn(client, address) | {"concern": "She sleeps in class."}
    client.post(address, sent)
    del client.cookies["messages"]  # a browser that dropped the first answer
    assert "The attendance lead has it." in client.post(address, sent, follow=True).content.decode()
    assert Task.objects.count() == 1


def test_drawn_anew_or_changed_or_by_somebody_else_it_is_another(cast: Cast, case: Case) -> None:
    client, address = cast.client("manager"), url(cast, "add_note", case.pk)
    sent = drawn(client, address)
    client.post(address, sent | NOTE)
    client.post(address, sent | {"text": "Mother rang."})
    client.post(address, drawn(client, address) | NOTE)
    cast.client("lead").post(address, sent | NOTE)
    assert Note.objects.count() == 4


def test_two_buttons_of_one_page_are_two_forms(cast: Cast, case: Case) -> None:
    """The forms of one drawing have one token, and often no fields: the address tells them apart."""
    other = cases.open_case(
        pupil=cast.pupils[1], lead_id=case.lead_id, concern="Ill.", today=TODAY, by=cast.actor("manager")
    )
    client = cast.client("manager")
    sent = drawn(client, url(cast, "add_note", case.pk)) | NOTE
    for each in (case, other):
        client.post(url(cast, "add_note", each.pk), sent)
    assert sorted(Note.objects.values_list("case_id", flat=True)) == [case.pk, other.pk]


def test_after_a_refusal_the_second_is_done(cast: Cast, case: Case) -> None:
    client, address = cast.client("manager"), url(cast, "add_note", case.pk)
    sent = drawn(client, address) | NOTE
    Case.objects.update(state="closed", closed_on=TODAY, outcome="other")
    assert client.post(address, sent).status_code == 422
    Case.objects.update(state="open", closed_on=None, outcome="")
    assert client.post(address, sent).status_code == 302
    assert Note.objects.count() == 1


def test_after_a_refusal_that_leads_elsewhere_the_second_is_done(cast: Cast) -> None:
    client, address = cast.client("office"), url(cast, "decide_step", cast.pupils[0].pk)
    sent = drawn(client, url(cast, "first_day_contact")) | {"step": "visit", "why": " "}
    for _ in range(2):
        answer = client.post(address, sent, follow=True)
        assert "somebody may have to answer for this decision" in answer.content.decode()


def test_after_an_error_the_second_is_done(cast: Cast, case: Case) -> None:
    client, address = cast.client("manager"), url(cast, "add_note", case.pk)
    client.raise_request_exception = False
    sent = drawn(client, address) | NOTE
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE casework_note RENAME TO away")
        assert client.post(address, sent).status_code >= 500
        cursor.execute("ALTER TABLE away RENAME TO casework_note")
    assert client.post(address, sent).status_code == 302
    assert Note.objects.count() == 1


def test_with_redis_lost_forms_work_and_are_done_once(cast: Cast, case: Case, settings, monkeypatch) -> None:
    monkeypatch.setattr(caches, "OUTAGE", caches.Outage())
    nowhere = {"BACKEND": "attendance_mis.caches.RedisCache", "LOCATION": "redis://127.0.0.1:1/0", "KEY_PREFIX": "lost"}
    settings.CACHES = {"default": nowhere}
    client, address = cast.client("manager"), url(cast, "add_note", case.pk)
    sent = drawn(client, address) | NOTE
    assert [client.post(address, sent).status_code for _ in range(2)] == [302, 302]
    assert Note.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_waits_for_the_first(cast: Cast, case: Case) -> None:
    """Two threads: the first is held in the middle of its writing until the second has begun."""
    address = url(cast, "add_note", case.pk)
    client, again = cast.client("manager"), cast.client("manager")
    sent = drawn(client, address) | NOTE

    def send(client: Client) -> str:
        try:
            return client.post(address, sent).url
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Case.objects.select_for_update().get(pk=case.pk)
            first = pool.submit(send, client)
            until_somebody_waits()
            second = pool.submit(send, again)
            assert not _ends(second.result)
        assert first.result(60) == second.result(60) == url(cast, "see_case", case.pupil_id)
    assert Note.objects.count() == 1


def _ends(result: Callable[[float], str]) -> bool:
    try:
        result(0.5)
    except TimeoutError:
        return False
    return True
