"""Invitation and recovery: links that are signed, good for a while, and once."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from attendance_mis import links
from attendance_mis.actions import Refused, choose_password, end_membership, mail_recovery
from attendance_mis.models import AuditRow, Membership, User
from attendance_mis.permissions import Role
from tests import factories

pytestmark = pytest.mark.usefixtures("clock")

NEW = "a password nobody guesses"


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_URL = "smtp://localhost"  # the runner's own mail box takes them


def follow(link, password=NEW):
    client = Client()
    return client, client.post(link, {"new_password1": password, "new_password2": password})


def invitation_of(user):
    return f"/invitation/{links.make(links.INVITATION, user)}/"


def test_an_invitation_is_mailed_and_opens_the_school(cast, with_mail):
    data = {"name": "Leila Haddad", "email": "leila@school.example", "role": Role.TEACHER, "position": "Teacher"}
    page = cast.client("technician").post(cast.url("people/add/"), data, follow=True)
    assert "on its way to Leila Haddad" in page.text
    [message] = mail.outbox
    assert message.to == ["leila@school.example"]
    link = next(word for word in message.body.split() if word.startswith("http"))
    assert link not in page.text
    client, answer = follow(link.removeprefix("http://testserver"))
    assert answer.url == "/"
    assert client.get(cast.url("registers/")).status_code in (200, 302)
    assert User.objects.get(email="leila@school.example").check_password(NEW)
    assert AuditRow.objects.filter(verb="choose_password", by_name="Leila Haddad").exists()


def test_without_mail_the_link_is_shown_once(cast):
    data = {"name": "Leila Haddad", "email": "leila@school.example", "role": Role.TEACHER, "position": "Teacher"}
    client = cast.client("technician")
    page = client.post(cast.url("people/add/"), data)
    assert "/invitation/" in page.text
    assert "no-store" in page["Cache-Control"]
    assert "/invitation/" not in client.get(cast.url("people/")).text
    assert mail.outbox == []


@pytest.mark.parametrize("spoil", ["used", "late", "changed", "closed", "the other kind"])
def test_a_link_is_over(cast, clock, spoil):
    user = cast.people["office"]
    link = invitation_of(user)
    if spoil == "used":
        follow(link)
    if spoil == "late":
        clock.shift(timedelta(days=7, seconds=1))
    if spoil == "changed":
        link = link[:-3] + "xx/"
    if spoil == "closed":
        end_membership(membership=Membership.objects.get(user=user), by=cast.actor("technician"))
    if spoil == "the other kind":
        link = link.replace("invitation", "recovery")
    assert follow(link, "some other password")[1].status_code == 410
    assert not User.objects.get(pk=user.pk).check_password("some other password")


def test_a_weak_password_is_refused_and_the_link_stays_good(cast):
    link = invitation_of(cast.people["office"])
    assert follow(link, "short")[1].status_code == 422
    assert follow(link)[1].status_code == 302


def test_a_link_ends_every_session_and_asks_for_the_second_step(cast):
    from allauth.mfa.totp.internal.auth import TOTP

    user, before = cast.people["office"], cast.client("office")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    _, answer = follow(invitation_of(user))
    assert answer.url == "/sign-in/second-step/"
    assert before.get("/account/").status_code == 302


def test_the_same_answer_for_an_address_that_nobody_has(cast, with_mail):
    pages = [
        Client().post("/sign-in/forgotten/", {"email": email}).text
        for email in (cast.people["office"].email, "nobody@school.example")
    ]
    assert "on its way" in pages[0]
    changing = r'(value="|nonce="|CSRFToken": ")[^"]+'  # new in every page
    assert re.sub(changing, "", pages[0]) == re.sub(changing, "", pages[1])


def test_recovery_mails_a_link_for_an_hour(cast, with_mail, clock):
    user = cast.people["office"]
    mail_recovery(email=user.email.upper(), address="https://school.example/recovery/")
    mail_recovery(email="nobody@school.example", address="https://school.example/recovery/")
    [message] = mail.outbox
    token = message.body.split("https://school.example/recovery/")[1].split("/")[0]
    clock.shift(timedelta(minutes=59))
    assert choose_password(kind=links.RECOVERY, token=token, password=NEW) == user
    with pytest.raises(Refused, match="was used"):
        choose_password(kind=links.RECOVERY, token=token, password="again")


def test_a_mail_box_is_not_flooded(cast, with_mail):
    asked = [Client().post("/sign-in/forgotten/", {"email": "a@school.example"}).status_code for _ in range(4)]
    assert asked == [200, 200, 200, 422]


def test_who_is_known_elsewhere_is_not_given_a_way_in_by_one_school(cast):
    user = cast.people["office"]
    user.set_password("hers alone and long")
    user.save()
    factories.MembershipFactory(user=user, school=cast.other_school, role=Role.HEAD)
    membership = user.memberships.get(school=cast.school)
    page = cast.client("technician").post(cast.url(f"people/{membership.pk}/invite/"), follow=True)
    assert "works at another school" in page.text
    assert "/invitation/" not in page.text


def test_a_leaver_has_no_way_back(cast, with_mail):
    user = cast.people["office"]
    user.set_password(NEW)
    user.save()
    end_membership(membership=user.memberships.get(), by=cast.actor("technician"))
    assert Client().post("/sign-in/", {"email": user.email, "password": NEW}).status_code == 422
    mail_recovery(email=user.email, address="https://school.example/recovery/")
    assert mail.outbox == []
    assert cast.client_of(User.objects.get(pk=user.pk)).get("/account/").status_code == 302
