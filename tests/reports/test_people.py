"""Lists and reports for people: class lists, reports to parents, the newsletter, certificates, the census."""

import csv
import io
from datetime import date

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from pypdf import PdfReader

from attendance_mis.pdf import render_pdf
from registers.attendance import Summary
from registers.enclosure import attendance_enclosures, this_year
from registers.models import Mark, Pupil
from reports import census, paper
from reports.challenge import earns, standings
from reports.querysets.people import challenge, week_of_class
from tests.conftest import TODAY
from tests.reports.conftest import FIRST, written

pytestmark = pytest.mark.usefixtures("clock")
MONDAY = date(2025, 2, 3)


def url(cast, name, *args):
    return reverse(f"reports:{name}", args=[cast.school.urn, *args])


def lines(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.mark.parametrize(
    ("attended", "possible", "token"), [(96, 100, True), (9599, 10000, False), (24, 25, True), (0, 0, False)]
)
def test_a_token_at_96_per_cent_unrounded(attended, possible, token):
    assert earns(Summary(possible=possible, attended=attended)) is token


def test_six_tokens_a_treat():
    full, poor = Summary(possible=100, attended=97), Summary(possible=100, attended=90)
    weeks = [("3A", date(2025, 1, 6 + n), full) for n in range(7)] + [("4B", MONDAY, poor)]
    first, second = standings(weeks, MONDAY)
    assert (first.class_name, first.tokens, first.treats, first.to_go) == ("4B", 0, 0, 6)
    assert (second.class_name, second.tokens, second.treats, second.to_go) == ("3A", 7, 1, 5)


@pytest.mark.parametrize(
    ("season", "first", "last"),
    [
        ("spring", date(2024, 8, 1), date(2024, 12, 31)),
        ("summer", date(2025, 1, 1), date(2025, 4, 20)),
        ("autumn", date(2025, 4, 21), date(2025, 7, 31)),
    ],
)
def test_the_days_a_census_takes(season, first, last):
    assert census.window(season, 2024) == (first, last)


@pytest.fixture
def third(cast):
    """The cast's class in HT3: full, seven sessions ill, and nothing of the others."""
    written(cast.pupils[:1], missed=0)
    written(cast.pupils[1:2], missed=7)
    return cast


def test_the_class_list_of_a_week(third):
    teacher = third.client("teacher")
    page = teacher.get(url(third, "class_list", third.own_class.pk, FIRST))
    assert page.status_code == 200
    found = lines(teacher.get(url(third, "class_list", third.own_class.pk, FIRST), {"file": "week.csv"}))
    ill = next(line for line in found if line["Pupil"] == f"{third.pupils[1].surname}, {third.pupils[1].forename}")
    assert [cell[0] for cell in list(ill.values())[1:11]] == ["I"] * 7 + ["\\", "/", "\\"]
    assert list(ill.values())[11:] == ["3.5", "0", "30.0"]


def test_reports_to_parents_hold_one_child_a_sheet(third):
    answer = third.client("teacher").get(url(third, "parent_reports", third.own_class.pk))
    pages = [" ".join(p.extract_text().split()) for p in PdfReader(io.BytesIO(answer.content)).pages]
    assert len(pages) == 5
    for pupil in third.pupils:
        assert sum(f"How {pupil.name} attended" in page for page in pages) == 1
    [ill] = [page for page in pages if f"How {third.pupils[1].name} attended" in page]
    assert "Missed 3.5 days" in ill
    assert not [p.name for p in third.pupils if p.name != third.pupils[1].name and p.name in ill]


def test_sheets_for_parents_are_the_bytes_that_weasyprint_makes_by_itself(third):
    """They are drawn by the quick way of letters (decision 0026), which knows the elements of both."""
    pupils = [pupil.pk for pupil in third.pupils]
    found = attendance_enclosures(third.school, pupils, *this_year(third.school, TODAY))
    html = render_to_string("reports/parent_reports_pdf.html", {"found": found, "school": third.school})
    assert paper.parents_pdf(third.school, found) == render_pdf(html, "reports/parents.css")


def test_the_newsletter_names_classes_and_no_child(third):
    page = third.client("head").get(url(third, "newsletter", MONDAY)).content.decode()
    assert "our pupils missed no days; attendance was 100.0 per cent" in page
    assert "3A reached 96 per cent or more and earns a token" in " ".join(page.split())
    for pupil in third.pupils:
        assert pupil.legal_surname not in page.replace(third.people["head"].name, "")


def test_a_week_without_marks_is_told_in_whole_sentences(third, clock):
    """On paper: of the week before any register, and of the holidays."""
    for day, monday, held in ((FIRST, "6 January", True), (date(2025, 8, 20), "18 August", False)):
        clock.move_to(day)
        Mark.objects.all().delete()
        news = words_of(paper.newsletter_pdf(third.school, challenge(third.school, day)))
        assert f"{monday} to" in news
        assert "There is no mark in this week." in news
        assert "per cent" not in news
        listed = words_of(paper.class_list_pdf(third.school, week_of_class(third.school, third.own_class, day)))
        assert ("School holds no session in this week." in listed) is not held


def words_of(pdf):
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages)


def test_certificates_for_full_and_improved(third, clock):
    clock.move_to("2025-02-14T15:00:00Z")
    written(third.pupils[1:2], missed=20, first=date(2024, 11, 4), last=date(2024, 12, 20))
    client = third.client("head")
    found = client.get(url(third, "see_awards")).context["awards"]
    assert [(a.pupil_id, a.kind) for a in found] == [(third.pupils[0].pk, "full"), (third.pupils[1].pk, "improved")]
    text = PdfReader(io.BytesIO(client.get(url(third, "awards_pdf")).content)).pages[0].extract_text()
    assert "Full attendance" in text
    assert "who missed no session of half-term 3 of 2024/25." in " ".join(text.split())
    assert third.pupils[0].name in text


def test_the_census_by_its_items(third):
    Pupil.objects.filter(pk=third.pupils[0].pk).update(boarder=True)
    client = third.client("office")
    [pupil] = lines(client.get(url(third, "census_absence", "summer", 2024, "pupils", "csv")))
    assert list(pupil.items()) == [
        ("UPN (N00002)", third.pupils[1].upn),
        ("SessionsPossible (100228)", "60"),
        ("SessionsAuthorised (100230)", "7"),
        ("SessionsUnauthorised (100231)", "0"),
    ]
    [reason] = lines(client.get(url(third, "census_absence", "summer", 2024, "reasons", "csv")))
    assert list(reason.values()) == [third.pupils[1].upn, "I", "7"]


def test_the_page_that_leads_to_all(third):
    for role, seen in (("teacher", False), ("head", True)):
        page = third.client(role).get(url(third, "see_reports")).content.decode()
        assert url(third, "class_list", third.own_class.pk, TODAY.replace(day=10)) in page
        assert (url(third, "see_awards") in page) is seen
