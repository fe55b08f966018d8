"""Google and Microsoft: an account of the school's own opens the pages of an invited person, and of nobody else."""

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from attendance_mis.actions import end_membership
from attendance_mis.models import AuditRow, School, User
from tests.attendance_mis import openid_server


@pytest.fixture(scope="module")
def server():
    with openid_server.running() as provider:
        yield provider


@pytest.fixture
def provider(server, settings, cast):
    for name, value in openid_server.settings_of(server).items():
        setattr(settings, name, value)
    office = cast.people["office"]
    office.email = "ewa@school.example"
    office.save()
    server.claims = {"sub": "1001", "email": "Ewa@school.example", "email_verified": True, "hd": "school.example"}
    server.is_broken = False
    return server


def come_in(client=None, **sent):
    """Press the button, be sent there, come back; the last answer of ours."""
    client = client or Client()
    there = client.post("/sign-in/school/", sent).url
    back = requests.get(there, allow_redirects=False, timeout=60).headers["Location"]
    return client, client.get(back.removeprefix("http://testserver"))


def test_an_invited_person_comes_in_and_goes_on_where_she_was_going(provider, cast):
    assert "Sign in with Google" in Client().get("/sign-in/").text
    client, answer = come_in(next=cast.url("casework/today/"))
    assert answer.url == cast.url("casework/today/")
    assert client.get(answer.url).status_code == 200
    assert {"connect_account", "sign_in"} <= set(AuditRow.objects.values_list("verb", flat=True))


def test_it_stays_the_same_account_when_the_address_changes_there(provider, cast):
    come_in()
    provider.claims |= {"email": "ewa.new@school.example"}
    client, _ = come_in()
    assert client.get("/account/").context["user"] == cast.people["office"]


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({"email": "nobody@school.example"}, "Nobody was invited"),
        ({"email": "ewa@elsewhere.example"}, "Nobody was invited"),
        ({"hd": "elsewhere.example"}, "not an account of the school"),
        ({"hd": None}, "not an account of the school"),
        ({"email": None}, "Nobody was invited"),
    ],
)
def test_everybody_else_is_turned_away(provider, claims, sentence):
    """Anybody can make an account that says it has the head's address: `hd` is what only the school's own say."""
    provider.claims |= claims
    users = User.objects.count()
    client, answer = come_in()
    assert answer.url == "/sign-in/"
    assert sentence in client.get(answer.url).text
    assert client.get("/account/").status_code == 302
    assert (User.objects.count(), SocialAccount.objects.count()) == (users, 0), "nobody signs up"


def test_a_password_that_somebody_has_stays(provider, cast):
    user = cast.people["office"]
    user.set_password("a long enough password")
    user.save()
    come_in()
    assert User.objects.get(pk=user.pk).check_password("a long enough password")


def test_a_leaver_is_turned_away(provider, cast):
    come_in()
    end_membership(membership=cast.people["office"].memberships.get(), by=cast.actor("technician"))
    client, answer = come_in()
    assert "closed" in client.get(answer.url).text


@pytest.mark.parametrize(("is_enough", "asked"), [(False, True), (True, False)])
def test_whether_it_is_enough_is_for_the_school_to_say(provider, cast, is_enough, asked):
    School.objects.filter(pk=cast.school.pk).update(second_step="whole_school", school_account_is_enough=is_enough)
    client, _ = come_in()
    assert (client.get(cast.url("casework/today/")).status_code == 302) is asked


def test_a_provider_that_is_broken_leads_back_with_a_sentence(provider):
    provider.is_broken = True
    client, answer = come_in()
    assert "did not answer as it should" in client.get(answer.url).text


def test_an_answer_that_nobody_asked_for_is_refused(provider):
    assert Client().get("/sign-in/school/back/?code=1&state=forged").url == "/sign-in/"


def test_it_is_disconnected_but_not_when_it_is_the_only_way_in(provider, cast):
    client, _ = come_in()
    account = SocialAccount.objects.get()
    address = f"/account/school-account/{account.pk}/"
    assert "only way in" in client.post(address, follow=True).text
    user = cast.people["office"]
    user.set_password("a long enough password")
    user.save()
    client.force_login(user)
    client.post(address)
    assert not SocialAccount.objects.exists()


def test_nobody_disconnects_the_account_of_another(provider, cast):
    come_in()
    address = f"/account/school-account/{SocialAccount.objects.get().pk}/"
    assert "not connected any more" in cast.client("head").post(address, follow=True).text
    assert SocialAccount.objects.count() == 1
