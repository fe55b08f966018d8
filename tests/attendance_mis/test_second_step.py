"""The second step: whom a school asks, and that no way in goes around it."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client

from attendance_mis import second_step
from attendance_mis.actions import Refused, end_second_step
from attendance_mis.models import AuditRow, Membership, School
from attendance_mis.permissions import Role
from tests import factories

PASSWORD = "a long enough password"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.usefixtures("clock")


def code(secret=SECRET, steps=0):
    return format_hotp_value(hotp_value(secret, list(yield_hotp_counters_from_time())[1] + steps))


def ask(school, who=School.SecondStep.WHOLE_SCHOOL, **more):
    School.objects.filter(pk=school.pk).update(second_step=who, **more)


@pytest.fixture
def office(cast):
    ask(cast.school)
    user = cast.people["office"]
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(user, client=None, **more):
    client = client or Client()
    return client, client.post("/sign-in/", {"email": user.email, "password": PASSWORD, **more})


@pytest.mark.parametrize("role", Role)
def test_everybody_who_sees_a_whole_school_is_asked(cast, role):
    ask(cast.school)
    answer = cast.client(role).get(cast.url())
    asked = role not in (Role.TEACHER, Role.GOVERNOR)
    assert (answer.headers.get("Location") == "/account/second-step/") is asked


def test_a_school_may_ask_everybody_or_nobody(cast):
    ask(cast.school, School.SecondStep.EVERYBODY)
    assert cast.client("teacher").get(cast.url()).url == "/account/second-step/"
    ask(cast.school, School.SecondStep.NOBODY)
    assert cast.client("head").get(cast.url("registers/pupils/")).status_code == 200


def test_who_teaches_and_also_leads_is_asked(cast):
    ask(cast.school)
    factories.MembershipFactory(user=cast.people["teacher"], school=cast.school, role=Role.LEAD)
    assert cast.client("teacher").get(cast.url()).url == "/account/second-step/"


def test_a_trust_asks_as_soon_as_one_of_its_schools_does(cast):
    page = f"/trust/{cast.school.trust_id}/"
    assert cast.client("trust_lead").get(page).status_code == 200
    ask(cast.other_school)
    assert cast.client("trust_lead").get(page).url == "/account/second-step/"


def test_nothing_is_written_before_the_second_step(cast):
    ask(cast.school)
    client = cast.client("office")
    count = AuditRow.objects.count()
    assert client.post(cast.url(f"registers/pupils/{cast.pupils[0].pk}/contacts/add/"), {}).status_code == 302
    assert AuditRow.objects.count() == count


def test_a_new_school_asks(db):
    assert School().second_step == School.SecondStep.WHOLE_SCHOOL


def test_asking_costs_no_query(cast, django_assert_num_queries):
    session = cast.client("teacher").session
    session.get("_auth_user_id")  # every request has read it by then
    with django_assert_num_queries(0):
        assert not second_step.is_due(["teacher"], session, cast.school)
        cast.school.second_step = School.SecondStep.EVERYBODY
        assert second_step.is_due(["teacher"], session, cast.school)


def test_an_app_is_set_up_on_the_way_in_and_leads_on(cast, office, django_capture_on_commit_callbacks):
    client, answer = sign_in(office, next=cast.url("casework/today/"))
    assert client.get(answer.url, follow=True).redirect_chain[-1][0] == "/account/second-step/"
    page = client.get("/account/second-step/app/")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/account/second-step/app/", {"code": code(page.context["form"].secret)})
    assert answer.url == "/account/second-step/codes/"
    assert cast.url("casework/today/") in client.get(answer.url).text  # tests/journeys/test_second_step.py goes on
    secret = Authenticator.objects.get(user=office, type="totp").data["secret"]
    assert page.context["form"].secret not in secret, "the database holds no secret in the clear"
    assert AuditRow.objects.filter(verb="add_second_step", by_name=office.name).count() == 2  # the app and its codes


def test_the_next_sign_in_asks_for_a_code_and_takes_each_once(cast, office):
    TOTP.activate(office, SECRET)
    client, answer = sign_in(office)
    assert answer.url == "/sign-in/second-step/"
    assert client.get(cast.url()).url.startswith("/sign-in/"), "a password alone opens nothing"
    assert "Incorrect code" in client.post(answer.url, {"code": "000000"}).text
    used = code()
    assert client.post("/sign-in/second-step/", {"code": used}).status_code == 302
    assert client.get(cast.url("casework/today/")).status_code == 200
    again, _ = sign_in(office)
    assert "Incorrect code" in again.post("/sign-in/second-step/", {"code": used}).text


def test_codes_cannot_be_guessed(cast, office):
    TOTP.activate(office, SECRET)
    client, _ = sign_in(office)
    for _ in range(5):
        client.post("/sign-in/second-step/", {"code": "000000"})
    assert "Too many" in client.post("/sign-in/second-step/", {"code": code()}).text


def test_a_recovery_code_works_once(cast, office):
    TOTP.activate(office, SECRET)
    spare = RecoveryCodes.activate(office).get_unused_codes()[0]
    for worked in (True, False):
        client, _ = sign_in(office)
        client.post("/sign-in/second-step/", {"code": spare})
        assert (client.get(cast.url("casework/today/")).status_code == 200) is worked


def test_a_session_from_before_is_asked_too(cast, office):
    """She set it up on another machine, or the school began to ask while she was signed in."""
    TOTP.activate(office, SECRET)
    client = cast.client("office")
    answer = client.get(cast.url("casework/today/"))
    assert answer.url.startswith("/account/confirm/code/?next=")
    client.post(answer.url, {"code": code(), "next": cast.url("casework/today/")})
    assert client.get(cast.url("casework/today/")).status_code == 200


def test_ways_in_are_changed_only_by_who_has_just_signed_in(cast, office, clock):
    client, _ = sign_in(office)
    assert client.get("/account/second-step/app/").status_code == 200
    clock.shift(301)
    assert client.get("/account/second-step/app/").url.startswith("/account/confirm/?next=")
    client.post("/account/confirm/?next=/account/second-step/app/", {"password": PASSWORD})
    assert client.get("/account/second-step/app/").status_code == 200


def test_a_technician_takes_away_what_was_lost(cast, office):
    TOTP.activate(office, SECRET)
    client, _ = sign_in(office)
    client.post("/sign-in/second-step/", {"code": code()})
    membership = Membership.objects.get(user=office)
    end_second_step(membership=membership, by=cast.actor("technician"))
    assert client.get("/account/").status_code == 302, "her sessions are over"
    assert sign_in(office)[1].url == "/"
    assert AuditRow.objects.filter(verb="end_second_step").exists()
    factories.MembershipFactory(user=office, school=cast.other_school, role=Role.HEAD)
    with pytest.raises(Refused, match="works at another school"):
        end_second_step(membership=membership, by=cast.actor("technician"))


def test_the_passkeys_of_another_are_not_reached(cast, office):
    other = Authenticator.objects.create(user=cast.people["head"], type="webauthn", data={"name": "Key"})
    client, _ = sign_in(office)
    assert client.post(f"/account/second-step/passkey/{other.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=other.pk).exists()
