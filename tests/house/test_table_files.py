"""Every table of the product can be taken as a file: no page has one without its links, and each link gives it."""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from openpyxl import load_workbook

from attendance_mis.models import AuditRow
from attendance_mis.permissions import Role
from tests.conftest import Cast
from tests.house.test_access import ACCESS, ROLES, address, case_of, expected, letter_of, penalty_rows

TEMPLATES = Path(__file__).parents[2] / "templates"
TABLE = re.compile(r"<table\b([^>]*)>")
FILES = re.compile(r"{% table_files ([^%]+) %}")
NAMED = re.compile(r"{{ (\S+) }}")

# What looks like a table and holds nothing to take away, or is a file already.
WITHOUT = {
    "parts/week.html": "five days of chips, laid out",
    "registers/take_register.html": "a form: the register, which is exported whole (interchange.md)",
    "registers/rekey_register.html": "a form",
    "registers/amend_marks.html": "a form",
    "registers/_preview_pupils.html": "a form: what it would do, before it is saved",
    "registers/preview_calendar.html": "a form: what it would do, before it is saved",
    "registers/_paper.html": "a sheet of paper with a PDF of its own",
    "registers/_certificate_body.html": "a certificate with a PDF and a CSV of its own",
    "registers/_attendance_summary.html": "drawn in PDFs and letters",
    "registers/see_interface.html": "for partners, of no school; the same as openapi.json",
    "registers/_subject_access.html": "a file: all that is held on a child, with each table as CSV beside it",
    "casework/_family.html": "a form: what came of each call",
    "casework/_sheet.html": "a form filled in, with a PDF of its own",
    "casework/decide_proposals.html": "a form",
    "letters/edit_template.html": "a form: the fields that may be typed",
    "attendance_mis/account.html": "where somebody is signed in herself; no school's",
    "reports/see_reports.html": "links, laid out",
    "reports/_governor_report.html": "a frozen report with a CSV and a workbook of its own",
    "reports/_governor_table.html": "a frozen report with a CSV and a workbook of its own",
}  # fmt: skip
MONTHS = "registers/see_calendar.html"  # its third table is a month as a picture; the days of note are the second


def _templates() -> Iterator[Any]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        if TABLE.search(path.read_text()) and not name.endswith("_pdf.html"):
            yield pytest.param(name, path.read_text(), id=name)


@pytest.mark.parametrize(("name", "text"), list(_templates()))
def test_each_table_of_a_template_offers_its_files(name: str, text: str) -> None:
    ids = [found[1] if (found := re.search(r'\bid="([^"]+)"', tag)) else "" for tag in TABLE.findall(text)]
    offered = {_as_printed(each) for each in FILES.findall(text)}
    if name == MONTHS:
        ids.remove("")
    if name in WITHOUT:
        assert not offered, f"{name} offers files: take it off WITHOUT"
        return
    assert set(ids) == offered, f"{name}: give the table an id and put {{% table_files %}} below it"
    assert len(ids) == len(set(ids))


def _as_printed(argument: str) -> str:
    """`"clock-"|add:section.kind` as an id says it: `clock-{{ section.kind }}`."""
    first, _, added = argument.partition("|add:")
    parts = [part[1:-1] if part.startswith('"') else f"{{{{ {part} }}}}" for part in (first, added) if part]
    return "".join(parts)


def test_nothing_is_excepted_that_is_not_there() -> None:
    assert WITHOUT.keys() <= {param.values[0] for param in _templates()}


@pytest.fixture
def full(cast: Cast) -> Cast:
    for pupil in cast.pupils[:2]:
        letter_of(cast, pupil)
        case_of(pupil, cast)
        penalty_rows(pupil)
    return cast


PAGES = [name for name in ACCESS if "405" not in ACCESS[name] and not name.endswith(("_pdf", "_file", "_csv"))]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("part", range(4))
def test_each_table_of_a_page_comes_as_it_is_shown(part: int, full: Cast) -> None:
    """Each page as the first role that may open it, and as a governor: the file has the rows and the columns shown."""
    taken, wrong = 0, []
    for name in PAGES[part::4]:
        letters = expected(name)[0].upper().split()
        for letter in dict.fromkeys([*letters[:1], *(each for each in letters if each == "G")]):
            role = ROLES.get(letter, Role.HEAD)
            client, url = full.client(role), address(name, full)
            answer = client.get(url)
            if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("text/html"):
                continue
            page = html.fromstring(answer.content.decode())
            ids = [each.get("id") for each in page.iter("table") if _is_offered(page, each)]
            wrong += [f"{name}: two tables {each}" for each in set(ids) if ids.count(each) > 1]
            for table in page.iter("table"):
                if not _is_offered(page, table):
                    continue
                taken += 1
                csv_link, xlsx_link = _links(page, table.get("id"))
                before = AuditRow.objects.count()
                file = client.get(url + csv_link)
                lines = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
                sheet = load_workbook(io.BytesIO(client.get(url + xlsx_link).content)).active
                shown = len([row for row in table.iter("tr") if row.getparent().tag != "thead" and len(row) > 1])
                grows = name == "registers:see_who_looked"  # taking it is a look
                if (len(lines) - 1, sheet.max_row) != (shown, shown + 1) and not grows:
                    wrong.append(f"{name} #{table.get('id')}: {len(lines) - 1} lines of {shown}, {sheet.max_row}")
                if "trust_id" not in url and AuditRow.objects.count() < before + 2:
                    wrong.append(f"{name} #{table.get('id')}: not recorded")
    assert wrong == []
    assert taken >= 2


def _is_offered(page: Any, table: Any) -> bool:
    return bool(table.get("id") and _links(page, table.get("id")))


def _links(page: Any, table_id: str) -> list[str]:
    return [
        href
        for kind in ("csv", "xlsx")
        for link in page.iter("a")
        if (href := link.get("href") or "").endswith(f"file={table_id}.{kind}")
    ]
