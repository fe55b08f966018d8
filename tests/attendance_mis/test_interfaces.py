"""Partners' tokens: the technician asks, the head opens, either revokes; the secret is shown once and kept nowhere."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attendance_mis import audit, tokens
from attendance_mis.actions import Refused, ask_token, open_token, revoke_token
from attendance_mis.models import AuditRow, Token
from tests.conftest import TODAY

pytestmark = pytest.mark.usefixtures("clock")

ASKED = {"partner": "Elm Analytics", "purpose": "Figures for the trust", "scopes": ["summaries", "marks"]}


def ask(cast, **values):
    values = ASKED | {"until": TODAY + timedelta(days=30)} | values
    return ask_token(school=cast.school, by=cast.actor("technician"), **values)


def url(cast, name, *args):
    return reverse(name, args=[cast.school.urn, *args])


def test_a_token_that_is_asked_for_opens_nothing(cast):
    token = ask(cast)
    assert (token.digest, token.opened_at) == (None, None)
    assert token.scopes == ["marks", "summaries"]
    row = AuditRow.objects.get(verb="ask_token")
    assert row.subject_id == token.pk
    assert row.summary == "Asked that Elm Analytics may read marks, summaries until 10 April 2025."


def test_its_secret_is_kept_as_a_hash(cast):
    token = ask(cast)
    secret = open_token(token=token, by=cast.actor("head"))
    assert re.fullmatch(r"amis_\d{6}_[\w-]{43}", secret)
    kept = Token.objects.filter(pk=token.pk).values().get()
    assert secret not in str(kept)
    assert (kept["digest"], kept["ends"]) == (tokens.digest(secret), secret[-4:])
    assert secret not in str(AuditRow.objects.values())


def test_a_token_is_opened_once(cast):
    token = ask(cast)
    open_token(token=token, by=cast.actor("head"))
    with pytest.raises(Refused, match="its secret was shown then"):
        open_token(token=token, by=cast.actor("head"))


def test_what_is_over_is_not_opened(cast, clock):
    token, other = ask(cast), ask(cast)
    revoke_token(token=token, by=cast.actor("technician"))
    with pytest.raises(Refused, match="It is revoked"):
        open_token(token=token, by=cast.actor("head"))
    clock.shift(timedelta(days=31))
    with pytest.raises(Refused, match="last day is over"):
        open_token(token=other, by=cast.actor("head"))


def test_a_token_is_revoked_once_and_it_is_written_down(cast):
    token = ask(cast)
    revoke_token(token=token, by=cast.actor("technician"))
    with pytest.raises(Refused, match="revoked already"):
        revoke_token(token=token, by=cast.actor("technician"))
    assert AuditRow.objects.get(verb="revoke_token").summary == "Ended what Elm Analytics may read."


@pytest.mark.parametrize("verb", ["ask", "open", "revoke"])
def test_nothing_is_written_when_the_audit_row_fails(cast, monkeypatch, verb):
    token = ask(cast)
    before = list(Token.objects.values())
    monkeypatch.setattr(audit, "record", lambda *args, **kwargs: 1 / 0)
    act = {
        "ask": lambda: ask(cast),
        "open": lambda: open_token(token=token, by=cast.actor("head")),
        "revoke": lambda: revoke_token(token=token, by=cast.actor("head")),
    }
    with pytest.raises(ZeroDivisionError):
        act[verb]()
    assert list(Token.objects.values()) == before


def test_the_database_holds_that_who_is_let_in_has_a_secret(cast):
    token = ask(cast)
    with pytest.raises(IntegrityError, match="token_opened_by_somebody_with_a_secret"), transaction.atomic():
        Token.objects.filter(pk=token.pk).update(digest="x")


# Pages


def test_the_technician_asks_and_the_head_opens(cast):
    asked = ASKED | {"until": "2025-09-01"}
    answer = cast.client("technician").post(url(cast, "ask_token"), asked, follow=True)
    assert "Waiting for the head" in answer.text
    assert "Open and show the secret" not in answer.text
    token = Token.objects.get()
    head = cast.client("head")
    assert "Open and show the secret" in head.get(url(cast, "see_token", token.pk)).text
    answer = head.post(url(cast, "open_token", token.pk))
    secret = re.search(r"amis_\d{6}_[\w-]{43}", answer.text)[0]
    assert answer.headers["Cache-Control"].count("no-store")
    for page in (url(cast, "see_token", token.pk), url(cast, "see_interfaces")):
        assert secret not in head.get(page).text
    again = head.post(url(cast, "open_token", token.pk), follow=True)
    assert "its secret was shown then" in again.text


@pytest.mark.parametrize("until", ["2025-03-10", "2026-03-13", "soon"])
def test_a_last_day_out_of_range_is_refused_and_nothing_typed_is_lost(cast, until):
    answer = cast.client("technician").post(url(cast, "ask_token"), ASKED | {"until": until})
    assert answer.status_code == 422
    assert 'value="Elm Analytics"' in answer.text
    assert not Token.objects.exists()


def test_either_revokes_by_page(cast):
    token = ask(cast)
    open_token(token=token, by=cast.actor("head"))
    answer = cast.client("technician").post(url(cast, "revoke_token", token.pk), follow=True)
    assert "reads nothing any more" in answer.text
    assert "Revoked" in answer.text


def test_the_list_asks_the_same_of_the_database_however_long(cast, django_assert_num_queries):
    client = cast.client("head")
    ask(cast)
    client.get(url(cast, "see_interfaces"))
    with CaptureQueriesContext(connection) as few:
        client.get(url(cast, "see_interfaces"))
    for _ in range(20):
        ask(cast)
    with django_assert_num_queries(len(few)):
        client.get(url(cast, "see_interfaces"))
