"""Search from anywhere: words, accents, contacts, numbers, classes; who may find whom; never in the address."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registers.search import find_pupils
from tests import factories
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def zoe(cast: Cast):
    pupil = cast.pupils[0]
    pupil.legal_forename, pupil.legal_surname, pupil.preferred_surname = "Zoë Marie", "O'Neill-Łukasz", ""
    pupil.save()
    factories.ContactFactory(
        pupil=pupil, forename="Søren", surname="Ångström", mobile="07700 900987", home_phone="+44 20 7946 0011"
    )
    return pupil


@pytest.mark.parametrize(
    "words",
    [
        "zoe", "ZOË", "zo on", "o'neill", "oneill", "O’Neill", "neill", "lukasz", "łuk zoe", "oneill-lukasz",
        "marie zoe", "soren", "Angstrom sø", "07700900987", "07700 900", "900987", "020 7946 0011", "+44 20 7946",
    ],
)  # fmt: skip
def test_it_finds(cast, zoe, words):
    assert [each.pupil_id for each in find_pupils(cast.school, words, TODAY, contacts=True)] == [zoe.pk]


@pytest.mark.parametrize(
    "words", ["", " ", "-", "'", "%", "zoe soren", "oe", "0170", "\\", "a" * 5000, ":* & | !", "王"]
)
def test_it_finds_nothing_and_never_fails(cast, zoe, words):
    found = find_pupils(cast.school, words, TODAY, contacts=True)
    assert zoe.pk not in [each.pupil_id for each in found]


def test_the_upn_finds_and_a_change_of_name_is_found_at_once(cast, zoe):
    assert find_pupils(cast.school, zoe.upn.lower(), TODAY)[0].pupil_id == zoe.pk
    zoe.preferred_forename = "Frances"
    zoe.save()
    assert find_pupils(cast.school, "franc", TODAY)[0].pupil_id == zoe.pk


def test_contacts_only_where_they_may_be_seen(cast, zoe):
    assert not find_pupils(cast.school, "angstrom", TODAY)
    [found] = find_pupils(cast.school, "angstrom", TODAY, contacts=True)
    assert (found.contact, found.relationship) == ("Søren Ångström", "mother")


def test_who_has_left_comes_last(cast, zoe):
    factories.PupilFactory(school=cast.school, legal_forename="Zoe", legal_surname="Aaron")
    found = find_pupils(cast.school, "zoe", TODAY)
    assert [each.has_left for each in found] == [False, True]
    assert [each.pupil_id for each in find_pupils(cast.school, "zoe", TODAY, here=True)] == [zoe.pk]


def url(cast):
    return reverse("registers:search", args=[cast.school.urn])


def test_the_box_and_the_page(cast, zoe):
    client = cast.client("office")
    part = client.post(url(cast), {"words": "zoe"}, headers={"HX-Request": "true"})
    assert zoe.get_absolute_url() in part.text
    assert "<html" not in part.text
    page = client.post(url(cast), {"words": "3a"})
    assert reverse("registers:see_class", args=[cast.school.urn, cast.own_class.pk]) in page.text
    assert page.request["QUERY_STRING"] == ""
    assert 'id="words"' in client.get(cast.url("registers/")).text


def test_a_teacher_finds_her_own_classes_only(cast, zoe):
    client = cast.client("teacher")
    assert zoe.get_absolute_url() in client.post(url(cast), {"words": "zoe"}).text
    assert "fits" in client.post(url(cast), {"words": "angstrom"}).text
    assert "fits" in client.post(url(cast), {"words": cast.other_pupils[0].upn}).text
    assert "fits" in client.post(url(cast), {"words": "4b"}).text


def test_another_schools_children_are_not_found(cast):
    assert "fits" in cast.client("head").post(url(cast), {"words": cast.strange_pupils[0].upn}).text


def test_a_governor_has_no_box(cast):
    assert 'id="words"' not in cast.client("governor").get(cast.url("registers/calendar/")).text


def test_it_asks_the_same_for_more(cast):
    client, counts = cast.client("office"), []
    for words in (cast.pupils[0].upn, "a"):
        with CaptureQueriesContext(connection) as asked:
            client.post(url(cast), {"words": words})
        counts.append(len(asked))
    assert counts[0] == counts[1]
