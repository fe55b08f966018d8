"""A school begins: the link of the server's owner, the school and its technician, the first term dates."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from attendance_mis.beginning import make_token
from attendance_mis.models import AuditRow, School, User
from attendance_mis.tenancy import acting_for
from registers.models import CalendarEntry, SchoolDay
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ENTERED = {
    "school_name": "Elm Lane Primary School",
    "urn": "123456",
    "laestab": "201/2345",
    "phase": "primary",
    "type": "maintained",
    "local_authority": "Camden",
    "name": "Samuel Iyer",
    "email": "samuel@elm-lane.example",
    "password": "three quiet herons",
}
TERM_DATES = """Autumn term: 4 September 2024 to 20 December 2024, half-term 28 October to 1 November
HT1: 4 September to 25 October 2024
HT2: 4 November to 20 December 2024
INSET: 2 September 2024"""


def begin(token: str, client: Client | None = None, **entered: str):
    client = client or Client()
    answer = client.post(reverse("begin_school", args=[token]), ENTERED | entered)
    School.objects.filter(urn="123456").update(second_step=School.SecondStep.NOBODY)
    return client, answer


def test_its_technician_is_asked_for_a_second_step_at_once():
    client = Client()
    answer = client.post(reverse("begin_school", args=[make_token()]), ENTERED)
    assert client.get(answer.url).url == "/account/second-step/"


def test_a_school_begins_with_its_technician_signed_in():
    client, answer = begin(make_token())
    school = School.objects.get(urn="123456")
    assert (school.laestab, school.trust) == ("2012345", None)
    assert answer.url == reverse("home", args=["123456"])
    assert client.get(answer.url).url == reverse("registers:see_setup", args=["123456"])
    with acting_for(school):
        assert AuditRow.objects.get(verb="begin_school").by_name == "Samuel Iyer"
    assert client.get(reverse("registers:see_registers", args=["123456"])).status_code == 403, "a technician, no more"


def test_a_school_joins_the_trust_of_the_link():
    trust = factories.TrustFactory()
    begin(make_token(trust.name))
    begin(make_token("Heron Trust"), urn="123457")
    assert School.objects.get(urn="123456").trust == trust
    assert School.objects.get(urn="123457").trust.name == "Heron Trust"


def test_a_link_is_good_for_one_school_and_a_day(clock):
    token = make_token()
    begin(token)
    for spent in (token, "forged", token[:-1]):
        _, answer = begin(spent, urn="123457")
        assert (answer.status_code, "This link no longer works" in answer.content.decode()) == (410, True)
    late = make_token()
    clock.shift(timedelta(days=1, minutes=1))
    _, answer = begin(late, urn="123457")
    assert answer.status_code == 410
    assert School.objects.count() == 1


def test_links_that_are_out_at_once_do_not_end_each_other():
    """A trust's technician gets one for each school; each is used once."""
    printed = [StringIO(), StringIO()]
    for out in printed:
        call_command("begin_school", "--trust", "Heron Trust", stdout=out, stderr=StringIO())
    tokens = [out.getvalue().strip().rstrip("/").rpartition("/")[2] for out in printed]
    assert len({*tokens}) == 2
    for nth, token in enumerate(tokens):
        _, answer = begin(token, urn=f"12345{6 + nth}", email=f"person-{nth}@elm-lane.example")
        assert answer.status_code == 302, answer.content
    assert {each.trust.name for each in School.objects.all()} == {"Heron Trust"}
    for nth, token in enumerate(tokens):
        assert begin(token, urn=f"12345{8 + nth}")[1].status_code == 410
    assert School.objects.count() == 2


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({"urn": "12345"}, "A URN has six digits."),
        ({"laestab": "12345"}, "A DfE number has seven digits"),
        ({"password": "short"}, "too short"),
        ({"password": "123456789012"}, "entirely numeric"),
        ({"phase": ""}, "Fill this in."),
        ({"email": "no address"}, "valid email"),
    ],
)
def test_what_cannot_be_is_refused_in_words_and_nothing_is_written(entered, says):
    _, answer = begin(make_token(), **entered)
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert "Elm Lane Primary School" in answer.content.decode(), "what was typed stands"
    assert not School.objects.exists()
    assert not User.objects.exists()


def test_a_urn_that_is_here_is_refused(cast):
    _, answer = begin(make_token(), urn=cast.school.urn)
    assert "is here already" in answer.content.decode()


def test_an_account_that_exists_needs_its_own_password(cast):
    person = cast.people["technician"]
    person.set_password(ENTERED["password"])
    person.save()
    _, wrong = begin(make_token(), email=person.email, password="another long password")
    assert wrong.status_code == 422
    assert not School.objects.filter(urn="123456").exists()
    client, _ = begin(make_token(), email=person.email)
    assert School.objects.get(urn="123456").memberships.get().user == person
    assert client.get(reverse("registers:see_setup", args=["123456"])).status_code == 200


@override_settings(ALLOWED_HOSTS=["attendance.school.example"])
def test_the_command_prints_the_link():
    out = StringIO()
    call_command("begin_school", stdout=out, stderr=StringIO())
    assert out.getvalue().startswith("https://attendance.school.example/begin/")


def test_the_first_term_dates_are_the_technician_s_the_next_are_not():
    client, _ = begin(make_token())
    school = School.objects.get()
    address = reverse("registers:begin_calendar", args=[school.urn])
    refused = client.post(address, {"text": "HT1: 31 September to 25 October 2024"})
    assert (refused.status_code, "no such date" in refused.content.decode()) == (422, True)
    answer = client.post(address, {"text": TERM_DATES.partition("\n")[2]})
    assert answer.url == reverse("registers:see_calendar", args=[school.urn]) + "?year=2024"
    with acting_for(school):
        assert CalendarEntry.objects.count() == 3
        assert SchoolDay.objects.count() == 38 + 35
        client.post(address, {"text": "HT3: 6 January to 14 February 2025"})
        assert CalendarEntry.objects.count() == 3, "to change them is not hers"
    assert "73 school days" in client.get(reverse("registers:see_setup", args=[school.urn])).content.decode()
