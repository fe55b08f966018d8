"""The evacuation list, the child's page of the day, and the year on one picture."""

from datetime import date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from registers.calendar_rules import Session
from registers.codes import code_for
from registers.models import Mark
from registers.year_picture import HeldDay, year_picture
from tests import factories
from tests.conftest import TODAY, Cast

pytestmark = pytest.mark.usefixtures("clock")


def mark(pupil, letter, session=Session.AM):
    Mark.objects.create(
        school=pupil.school, pupil=pupil, day=TODAY, session=session, code=code_for(letter, TODAY).number, entry_id=1
    )


def page(cast, role="office"):
    return cast.client(role).get(reverse("registers:see_evacuation", args=[cast.school.urn]))


def test_who_is_in_the_building(cast: Cast):
    for pupil, letter in zip(cast.pupils, ("/", "L", "V", "I"), strict=False):
        mark(pupil, letter)
    factories.CrossingFactory(
        pupil=cast.pupils[0], direction="out", why="unwell", at=datetime(2025, 3, 11, 9, 3, tzinfo=factories.LONDON)
    )
    answer = page(cast)
    own = next(each for each in answer.context["classes"] if each["name"] == "3A")
    assert [each.pupil_id for each in own["here"]] == [cast.pupils[1].pk]
    assert [each.pupil_id for each in own["unknown"]] == [cast.pupils[4].pk]
    assert {each.pupil_id for each in own["out"]} == {cast.pupils[n].pk for n in (0, 2, 3)}
    assert answer.context["expected"] == 4  # with the two of 4B, whose register is not taken


def test_a_teacher_counts_her_own_class(cast):
    assert [each["name"] for each in page(cast, "teacher").context["classes"]] == ["3A"]


def test_it_asks_the_same_for_more(cast):
    counts = []
    for size in (1, 20):
        factories.make_class(cast.school, f"{size}Z", size)
        with CaptureQueriesContext(connection) as asked:
            page(cast)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_pupils_page_says_where_she_is_and_shows_the_year(cast):
    mark(cast.pupils[0], "L")
    text = cast.client("teacher").get(cast.pupils[0].get_absolute_url()).text
    assert "<b>In school</b> at 09:05. " in text
    assert "by the morning register" in text
    assert 'aria-label="Tue 11 Mar AM: Late' in text
    assert "Late arrival" not in text  # hers to see, not to enter


def test_a_child_without_contacts_and_without_a_class(cast):
    cast.pupils[0].class_memberships.all().delete()
    assert cast.client("office").get(cast.pupils[0].get_absolute_url()).status_code == 200


def test_the_picture_is_read_without_colour():
    tuesday, wednesday = date(2025, 3, 11), date(2025, 3, 12)
    days = [HeldDay(tuesday, am=True, pm=False, half_term=4), HeldDay(wednesday, am=True, pm=True, half_term=4)]
    html = year_picture(days, {(tuesday, Session.AM): code_for("O", tuesday).number}, tuesday, 'A "year"')
    assert 'aria-label="Tue 11 Mar AM: ' in html
    assert ">O</span>" in html
    assert html.count("yp-later") == 2
    assert html.count("<td") == 11
    assert "&quot;year&quot;" in html


def test_summer_time_begins_without_a_gap():
    days = [HeldDay(date(2025, 3, day), am=True, pm=True, half_term=4) for day in (28, 31)]
    html = year_picture(days, {}, date(2025, 3, 31), "x")
    assert "31 Mar" in html
    assert html.count('scope="row"') == 2
