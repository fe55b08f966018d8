"""The attendance summary of one pupil that goes to her parents."""

from datetime import date

import pytest
from django.template.loader import render_to_string

from attendance_mis.pdf import render_pdf
from registers.attendance import Summary
from registers.calendar_rules import Session
from registers.enclosure import attendance_enclosure, attendance_enclosures
from registers.models import Pupil
from registers.sums import sums

pytestmark = pytest.mark.usefixtures("clock")
FIRST, LAST = date(2025, 2, 10), date(2025, 3, 31)


@pytest.fixture
def marked(cast, mark):
    """Two present mornings over two half-terms, an illness of a day, an unauthorised afternoon and a late arrival."""
    child, other = cast.pupils[:2]
    mark(child, other, letter="/", day=date(2025, 2, 10))
    mark(child, letter="I", day=date(2025, 2, 11))
    mark(child, letter="I", day=date(2025, 2, 11), session=Session.PM)
    mark(child, letter="O", day=date(2025, 2, 24), session=Session.PM)
    mark(child, letter="L", day=date(2025, 3, 3))
    mark(child, letter="/", day=date(2025, 3, 4))
    return child


def test_days_away_lates_and_half_terms(cast, marked):
    found = attendance_enclosure(cast.school, marked.pk, FIRST, LAST)
    assert (found.pupil, found.class_name, found.last) == (marked.name, "3A", date(2025, 3, 11))
    assert [(a.day, a.am and a.am.letter, a.pm and a.pm.letter) for a in found.absences] == [
        (date(2025, 2, 11), "I", "I"),
        (date(2025, 2, 24), None, "O"),
    ]
    assert [late.day for late in found.lates] == [date(2025, 3, 3)]
    assert [part.name for part in found.parts] == ["Half-term 3, 2024/25", "Half-term 4, 2024/25"]
    assert [part.summary.absence for part in found.parts] == [2, 1]
    assert [code.letter for code in found.key] == ["L", "I", "O"]


def test_days_that_follow_each_other_are_one_line(cast, mark):
    child = cast.pupils[0]
    days = [(3, "I"), (4, "I"), (5, "I"), (6, "O"), (7, "O"), (10, "O")]
    for day, letter in days:
        for session in Session if day != 5 else [Session.AM]:
            mark(child, letter=letter, day=date(2025, 3, day), session=session)
    found = attendance_enclosure(cast.school, child.pk, FIRST, LAST)
    assert [(run.first.day, run.last.day, run.am.letter, run.pm and run.pm.letter) for run in found.runs] == [
        (3, 4, "I", "I"),
        (5, 5, "I", None),
        (6, 7, "O", "O"),
        (10, 10, "O", "O"),
    ]
    html = render_to_string("registers/_attendance_summary.html", {"of": found})
    assert "Mon 3 Mar to Tue 4 Mar 2025" in html
    assert "I Illness, all day" in html


def test_the_sums_are_those_of_the_figures(cast, marked):
    figures = {each.pupil_id: each.summary for each in sums(FIRST, date(2025, 3, 11))}
    for found in attendance_enclosures(cast.school, [p.pk for p in cast.pupils], FIRST, LAST):
        assert found.summary == figures[found.pupil_id]
        assert found.summary == sum((part.summary for part in found.parts), Summary())


def test_as_many_queries_for_one_as_for_five(cast, marked, django_assert_num_queries):
    for pupils in (cast.pupils[:1], cast.pupils):
        with django_assert_num_queries(4):
            attendance_enclosures(cast.school, [p.pk for p in pupils], FIRST, LAST)


def test_another_school_is_not_found(cast):
    with pytest.raises(Pupil.DoesNotExist):
        attendance_enclosure(cast.school, cast.strange_pupils[0].pk, FIRST, LAST)


def test_it_is_drawn_for_page_and_pdf(cast, marked):
    html = render_to_string(
        "registers/_attendance_summary.html", {"of": attendance_enclosure(cast.school, marked.pk, FIRST, LAST)}
    )
    assert "Missed 1.5 days" in html
    assert "Tue 11 Feb 2025" in html
    page = f'<!doctype html><html lang="en-GB"><head><title>Summary</title></head><body>{html}</body></html>'
    assert render_pdf(page, "registers/summary.css").startswith(b"%PDF")


def test_a_family_reads_from_the_first_school_day_to_the_last(cast, marked):
    """Not from 1 August to a Saturday: the academic year's days are no school days."""
    found = attendance_enclosure(cast.school, marked.pk, date(2024, 8, 1), date(2025, 3, 9))
    assert (found.since, found.until) == (date(2024, 9, 4), date(2025, 3, 7))
    assert "From 4 September 2024 to 7 March 2025." in render_to_string(
        "registers/_attendance_summary.html", {"of": found}
    )
    nothing = attendance_enclosure(cast.school, marked.pk, date(2024, 8, 1), date(2024, 8, 9))
    assert (nothing.since, nothing.until) == (nothing.first, nothing.last)
