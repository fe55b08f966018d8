"""Signing in, staying signed in, and being signed out."""

from datetime import timedelta

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from attendance_mis.models import AuditRow

PASSWORD = "a long enough password"


@pytest.fixture
def teacher(cast):
    user = cast.people["teacher"]
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(email: str, password: str = PASSWORD, client: Client | None = None, **extra: str):
    client = client or Client()
    return client, client.post("/sign-in/", {"email": email, "password": password}, **extra)


def test_a_person_signs_in_however_she_types_her_address(teacher, clock):
    client, answer = sign_in(teacher.email.upper())
    assert answer.status_code == 302
    assert client.get("/account/").status_code == 200
    assert AuditRow.objects.get(verb="sign_in").by_name == teacher.name


def test_a_wrong_password_says_so_and_keeps_what_was_typed(teacher, clock):
    _, answer = sign_in(teacher.email, "wrong")
    assert answer.status_code == 422
    assert "is not right" in answer.content.decode()
    assert teacher.email in answer.content.decode()
    assert PASSWORD not in answer.content.decode()


def test_an_unknown_address_is_answered_like_a_wrong_password(teacher, clock):
    _, unknown = sign_in("nobody@school.example", "wrong")
    _, wrong = sign_in(teacher.email, "wrong")
    for answer in (unknown, wrong):
        assert answer.status_code == 422
        assert "is not right" in answer.content.decode()


def test_five_failures_lock_one_address_on_one_machine_only(teacher, cast, clock):
    for _ in range(5):
        sign_in(teacher.email, "wrong")
    _, locked = sign_in(teacher.email)
    assert "Too many attempts" in locked.content.decode()
    _, elsewhere = sign_in(teacher.email, REMOTE_ADDR="10.0.0.9")
    assert elsewhere.status_code == 302, "nobody can lock a person out from another machine"
    clock.shift(timedelta(minutes=16))
    _, later = sign_in(teacher.email)
    assert later.status_code == 302


def test_nobody_beside_her_locks_her_out_of_her_own_browser(teacher, clock):
    """A school is one address on the internet: a pupil's guesses must not keep her from her register."""
    hers, _ = sign_in(teacher.email)
    hers.post("/sign-out/")
    for n in range(100):
        sign_in(teacher.email if n < 5 else f"guess{n}@school.example", "wrong")
    assert "Too many attempts" in sign_in(teacher.email)[1].text
    assert "Too many attempts" in sign_in("another@school.example")[1].text, "the whole machine"
    assert sign_in(teacher.email, client=hers)[1].status_code == 302
    hers.post("/sign-out/")
    for _ in range(5):
        sign_in(teacher.email, "wrong", client=hers)
    assert "Too many attempts" in sign_in(teacher.email, client=hers)[1].text, "guesses are counted there too"


def test_a_browser_knows_only_who_has_signed_in_there(teacher, cast, clock):
    client, _ = sign_in(teacher.email)
    cookie = client.cookies["known_browser"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert str(teacher.email) not in cookie.value
    for value in (cookie.value, cookie.value[:-1] + "x", ""):
        stranger = Client()
        stranger.cookies["known_browser"] = value
        for _ in range(5):
            sign_in(cast.people["office"].email, "wrong", client=stranger)
        assert "Too many attempts" in sign_in(cast.people["office"].email, client=stranger)[1].text


def test_an_unlocked_screen_is_no_place_to_guess_the_password(teacher, clock, mailoutbox, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    client, _ = sign_in(teacher.email)
    new = "another long word 9"
    change = {"new_password1": new, "new_password2": new}
    for _ in range(5):
        assert "is not right" in client.post("/account/", {"old_password": "wrong", **change}).text
    assert "Too many attempts" in client.post("/account/", {"old_password": PASSWORD, **change}).text
    clock.shift(timedelta(minutes=16))
    assert client.post("/account/", {"old_password": PASSWORD, **change}).status_code == 302
    assert client.get("/account/").status_code == 200, "she stays in"
    assert AuditRow.objects.get(verb="change_password").by_name == teacher.name
    assert [mail.to for mail in mailoutbox] == [[teacher.email]]


@override_settings(SIGN_IN_FAILURES=1)
def test_one_machine_cannot_try_many_addresses(db, clock):
    for n in range(20):
        sign_in(f"guess{n}@school.example", "wrong")
    _, answer = sign_in("guess-more@school.example", "wrong")
    assert "Too many attempts" in answer.content.decode()


def test_an_idle_person_is_signed_out_and_comes_back_to_her_page(teacher, cast, clock):
    client, _ = sign_in(teacher.email)
    clock.shift(timedelta(minutes=29))
    assert client.get("/account/").status_code == 200
    clock.shift(timedelta(minutes=29))
    assert client.get("/account/").status_code == 200, "what she does keeps her signed in"
    clock.shift(timedelta(minutes=31))
    answer = client.get("/account/")
    assert answer.url == "/sign-in/?next=/account/"


@override_settings(IDLE_MINUTES=5)
def test_the_idle_time_is_a_setting(teacher, clock):
    client, _ = sign_in(teacher.email)
    clock.shift(timedelta(minutes=6))
    assert client.get("/account/").status_code == 302


def test_sign_out_everywhere_ends_every_session(teacher, clock):
    here, _ = sign_in(teacher.email)
    there, _ = sign_in(teacher.email)
    here.post("/sign-out-everywhere/")
    assert there.get("/account/").status_code == 302
    assert AuditRow.objects.filter(verb="sign_out_everywhere").exists()


def test_a_person_sees_where_she_is_signed_in_and_ends_one_place(teacher, clock):
    here, _ = sign_in(teacher.email, headers={"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"})
    there, _ = sign_in(teacher.email, headers={"User-Agent": "Mozilla/5.0 (iPhone) Version/18 Safari/605"})
    clock.shift(timedelta(minutes=5))
    here.get("/account/")
    places = here.get("/account/").context["places"]
    assert [(each.browser, each.is_here) for each in places] == [
        ("Firefox on Windows", True),
        ("Safari on an iPhone", False),
    ]
    assert places[0].seen - places[0].since == timedelta(minutes=5)
    here.post("/account/end-session/", {"number": places[1].number})
    assert there.get("/account/").status_code == 302
    assert len(here.get("/account/").context["places"]) == 1
    assert AuditRow.objects.filter(verb="end_session").count() == 1


def test_nobody_ends_the_session_of_another(teacher, cast, clock):
    here, _ = sign_in(teacher.email)
    number = here.get("/account/").context["places"][0].number
    page = cast.client("office").post("/account/end-session/", {"number": number}, follow=True)
    assert "over already" in page.text
    assert here.get("/account/").status_code == 200


@pytest.mark.parametrize(("length", "status"), [(200, 302), (201, 422)])
def test_a_password_that_can_be_chosen_signs_in(teacher, clock, length, status):
    client, _ = sign_in(teacher.email)
    new = ("long enough " * 20)[: length - 1] + "x"
    answer = client.post("/account/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert answer.status_code == status
    assert ("at most 200 characters" in answer.text) is (status == 422)
    _, signed_in = sign_in(teacher.email, new if status == 302 else PASSWORD)
    assert signed_in.status_code == 302


def test_a_changed_password_ends_every_other_session(teacher, clock):
    here, _ = sign_in(teacher.email)
    there, _ = sign_in(teacher.email)
    new = "another long enough password"
    here.post("/account/", {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert here.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302


def test_the_session_before_signing_in_is_not_the_one_after(teacher, settings, clock):
    """Who plants a session in another's browser does not share what she signs in to."""
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    sign_in(teacher.email, client=client)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != planted
    attacker = Client(headers={"Cookie": f"{settings.SESSION_COOKIE_NAME}={planted}"})
    assert attacker.get("/account/").status_code == 302


def test_signing_in_leads_nowhere_else(teacher, clock):
    where = {"email": teacher.email, "password": PASSWORD, "next": "https://elsewhere.example/"}
    answer = Client().post("/sign-in/", where)
    assert answer.url == "/"


def test_a_person_who_left_is_refused_at_once(teacher, cast, clock):
    client, _ = sign_in(teacher.email)
    teacher.memberships.update(ended_at=timezone.now())
    assert client.get(cast.url()).status_code == 404


def test_a_deactivated_person_is_signed_out(teacher, cast, clock):
    client, _ = sign_in(teacher.email)
    teacher.is_active = False
    teacher.save()
    assert client.get("/account/").status_code == 302


def test_a_form_that_came_too_late_is_said_to_be_lost_and_leads_back_to_its_page(teacher, cast, clock):
    client, _ = sign_in(teacher.email)
    clock.shift(timedelta(minutes=31))
    answer = client.post("/account/end-session/", {"number": "1"}, headers={"Referer": "http://testserver/account/"})
    assert answer.url == "/sign-in/?next=/account/"
    assert "What you sent just now was not saved." in client.get(answer.url).text
    client, _ = sign_in(teacher.email)
    clock.shift(timedelta(minutes=31))
    answer = client.post("/account/end-session/", {"number": "1"}, headers={"Referer": "http://elsewhere.example/x/"})
    assert answer.url == "/sign-in/?next=/"


def test_whoever_types_for_long_is_still_there(teacher, clock):
    client, _ = sign_in(teacher.email)
    for _ in range(3):
        clock.shift(timedelta(minutes=29))
        answer = client.get("/account/still-here/")
        assert answer.json()["person"] == teacher.pk
    clock.shift(timedelta(minutes=31))
    assert client.get("/account/still-here/").status_code == 302


def test_an_address_that_only_takes_a_form_says_so_in_words(cast):
    answer = cast.client("office").get("/account/end-session/")
    assert answer.status_code == 405
    assert "it only takes what a form sends" in answer.text


def test_a_trust_lead_of_one_trust_begins_there(cast):
    answer = cast.client("trust_lead").get("/")
    assert answer.url == f"/trust/{cast.school.trust_id}/"
