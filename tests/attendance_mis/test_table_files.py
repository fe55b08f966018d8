"""A table of a page as a file: `table_of` on plain HTML, then one page of the product."""

import csv
import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from attendance_mis.models import AuditRow
from attendance_mis.table_files import table_of
from registers.models import Pupil
from tests import factories


def table(inside: str, **cells: str):
    return table_of(f'<html><body><table id="t">{inside}</table></body></html>', "t")


def rows(*texts: str, kind: str = "") -> str:
    return "".join(f"<tr><td{kind}>{text}</td></tr>" for text in texts)


NUM = ' class="app-num"'


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Two \n words ", "Two words"),
        ("Away<br>since Monday", "Away; since Monday"),
        ("<ul><li>one</li><li>two</li></ul>", "one; two"),
        ('<a href="/">Open<span class="govuk-visually-hidden"> the list of 3A</span></a>', "Open"),
        ('I<span class="govuk-visually-hidden"> ill</span>', "I ill"),
        ('Ash<form method="post"><button>Decide</button></form>', "Ash"),
        ('<input type="checkbox" aria-label="Choose"> <label>Ash</label>', "Ash"),
        ("Tea &amp; <!-- no --> cake", "Tea & cake"),
    ],
)
def test_a_cell_is_what_is_read_on_the_page(cell, text):
    assert table(rows(cell)).lines == [[text]]


@pytest.mark.parametrize(
    ("shown", "kept"),
    [("12", 12), ("1,234", 1234), ("93.4", "93.4"), ("+0.4", "0.4"), ("−1.5", "-1.5"), ("-2", -2), ("0", 0)],
)
def test_a_number_in_a_column_of_numbers_is_a_number(shown, kept):
    assert table(rows(shown, kind=NUM)).lines == [[Decimal(kept)]]


@pytest.mark.parametrize("shown", ["hidden", "5 of 20 (25 %)", "about 40%", "07700 900123"])
def test_what_is_no_number_stays_as_it_is_shown(shown):
    assert table(rows(shown, kind=NUM)).lines == [[shown]]
    assert table(rows("12")).lines == [["12"]]  # not in a column of numbers: the name of a class


def test_a_column_of_percentages_says_so_in_its_head():
    found = table(f"<thead><tr><th>Attendance</th></tr></thead>{rows('93.4 %', '90%', '–', 'hidden', kind=NUM)}")
    assert found.head == ["Attendance, %"]
    assert found.lines == [[Decimal("93.4")], [Decimal(90)], [""], ["hidden"]]


def test_a_heading_over_rows_is_said_in_each_of_them():
    found = table(
        "<thead><tr><th>Group</th><th>Pupils</th></tr></thead><tbody><tr><th>All</th><td>9</td></tr>"
        '<tr><th colspan="2">Sex</th></tr><tr><th>Girls</th><td>4</td></tr></tbody>'
    )
    assert found.head == ["", "Group", "Pupils"]
    assert found.lines == [["", "All", "9"], ["Sex", "Girls", "4"]]


def test_a_column_that_holds_only_buttons_is_left_out():
    found = table("<thead><tr><th>Pupil</th><th>Do</th></tr></thead><tr><td>Ash</td><td><button>Do</button></td></tr>")
    assert (found.head, found.lines) == (["Pupil"], [["Ash"]])


def test_cells_over_several_rows_and_columns_are_said_in_each():
    found = table(
        '<thead><tr><th rowspan="2">Year</th><th colspan="2">Girls</th></tr><tr><th>in</th><th>out</th></tr></thead>'
        '<tr><td rowspan="2">Y3</td><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr>'
    )
    assert found.head == ["Year", "Girls in", "Girls out"]
    assert found.lines == [["Y3", "1", "2"], ["Y3", "3", "4"]]


def test_there_is_no_such_table():
    assert table_of("<p>None</p>", "t") is None


# A page of the product


@pytest.fixture
def hostile(cast, clock):
    """A class whose first pupil's name is a formula for a spreadsheet."""
    Pupil.objects.filter(pk=cast.pupils[0].pk).update(legal_surname="=HYPERLINK(1)", preferred_surname="")
    return cast


def url(cast):
    return cast.url(f"registers/classes/{cast.own_class.pk}/")


def test_the_csv_holds_the_page_and_no_formula(hostile):
    answer = hostile.client("teacher").get(url(hostile), {"file": "pupils.csv"})
    assert answer.headers["Content-Disposition"] == 'attachment; filename="class-pupils.csv"'
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert head == ["Name", "Year", "Born"]
    assert len(lines) == 5
    assert any(line[0].startswith("'=HYPERLINK(1), ") for line in lines)
    assert answer.headers["Cache-Control"] == "no-store, private"


def test_the_workbook_holds_the_same_as_text(hostile):
    answer = hostile.client("teacher").get(url(hostile), {"file": "pupils.xlsx"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    names = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert len(names) == 5
    assert {cell.data_type for cell in names} == {"s"}


def test_taking_it_is_recorded_without_a_name(hostile):
    hostile.client("teacher").get(url(hostile), {"file": "pupils.csv"})
    row = AuditRow.objects.get(verb="export_table")
    assert row.summary == "Exported the table “pupils” of the page “see class”, 5 lines, as CSV."
    assert row.by_id == hostile.people["teacher"].pk


@pytest.mark.parametrize("asked", ["pupils.pdf", "pupils", "nobody.csv", ".csv", "", "pupils.csv.exe"])
def test_what_there_is_not_is_404(hostile, asked):
    assert hostile.client("teacher").get(url(hostile), {"file": asked}).status_code == 404
    assert not AuditRow.objects.filter(verb="export_table").exists()


def test_who_may_not_open_the_page_gets_no_file_of_it(hostile):
    asked = {"file": "pupils.csv"}
    assert hostile.client("governor").get(url(hostile), asked).status_code == 403
    assert hostile.client_of(hostile.stranger).get(url(hostile), asked).status_code == 404
    elsewhere = hostile.url(f"registers/classes/{hostile.other_class.pk}/")
    assert hostile.client("teacher").get(elsewhere, asked).status_code == 403
    assert not AuditRow.objects.filter(verb="export_table").exists()


def test_a_file_holds_every_page_of_a_list_with_its_filters(cast, clock):
    factories.make_class(cast.school, "5C", 60, year_group="5")
    page = cast.url("registers/pupils/")
    assert cast.client("office").get(page).content.decode().count("<tr") <= 51

    def names(**asked):
        answer = cast.client("office").get(page, {"file": "pupils.csv", **asked})
        return [line[0] for line in csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))][1:]

    assert len(names()) == 67
    assert len(names(page=2)) == 67
    assert len(names(year_group=5)) == 60
    link = "?year_group=5&amp;file=pupils.csv"
    assert link in cast.client("office").get(page, {"year_group": 5, "page": 2}).content.decode()


def test_a_file_of_many_lines_costs_the_database_what_the_page_does(cast, clock):
    client, page = cast.client("office"), cast.url("registers/pupils/")

    def queries(**asked):
        with CaptureQueriesContext(connection) as counted:
            client.get(page, asked)
        return len(counted)

    queries()
    few = queries(file="pupils.csv")
    factories.make_class(cast.school, "5C", 30, year_group="5")
    assert queries(file="pupils.csv") == few
