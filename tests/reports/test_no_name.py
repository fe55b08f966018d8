"""Who may read no name reads none: every page and every file that links lead a governor or a trust lead to."""

import io
import re
from collections import deque
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve
from openpyxl import load_workbook
from pypdf import PdfReader

from attendance_mis.models import AuditRow
from attendance_mis.permissions import Role
from registers.models import Contact
from reports.actions.governor import make_governor_report
from tests.house.test_access import case_of, letter_of, penalty_rows

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def full(cast, school_of_sixty):
    """A school with cases, letters and penalties, and the report of its half-term."""
    for pupil in school_of_sixty["third"][:8]:
        case_of(pupil, cast)
        letter_of(cast, pupil)
    penalty_rows(cast.pupils[0])
    make_governor_report(school=cast.school, academic_year=2024, half_term=3, by=cast.actor("head"))
    cast.children = [*cast.pupils, *cast.other_pupils, *school_of_sixty["third"], *school_of_sixty["fourth"]]
    return cast


def names_of(cast, reader):
    children = {name for p in cast.children for name in (p.legal_surname, p.legal_forename, p.upn)}
    parents = {name for c in Contact.objects.all() for name in (c.surname, c.forename)} - {""}
    staff = {part for user in cast.people.values() if user != reader for part in user.name.split()}
    return {name for name in children | parents | staff if name not in reader.name.split()}


def text_of(answer):
    """What a person, or her spreadsheet, reads in an answer."""
    kind = answer.headers.get("Content-Type", "")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if kind.startswith("application/pdf"):
        reader = PdfReader(io.BytesIO(body))
        return " ".join([f"{reader.metadata}", *(page.extract_text() for page in reader.pages)])
    if "spreadsheetml" in kind:
        return " ".join(f"{c.value}" for sheet in load_workbook(io.BytesIO(body)) for row in sheet.rows for c in row)
    return body.decode("utf-8")


@pytest.mark.parametrize("role", [Role.GOVERNOR, Role.TRUST_LEAD])
def test_no_name_in_any_page_file_address_or_audit_row(full, role):
    reader, client = full.people[role], full.client(role)
    client.raise_request_exception = False
    names = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in sorted(names_of(full, reader))))
    last = AuditRow.objects.order_by("-pk").first().pk
    waiting, seen, kinds, wrong = (
        deque(["/", full.url(), full.url("figures/governors/?range=2024-HT3")]),
        set(),
        set(),
        [],
    )
    while waiting:
        url = waiting.popleft()
        path = urlsplit(url).path
        try:
            view = resolve(path).view_name
        except Resolver404:
            continue
        key = (view, urlsplit(url).query)
        if key in seen or "sign_out" in view:
            continue
        seen.add(key)
        answer = client.get(url, follow=True)
        said = text_of(answer).replace(reader.name, "")
        kinds.add(answer.headers.get("Content-Type", "").partition(";")[0])
        headers = f"{answer.headers.get('Content-Disposition', '')} {url}"
        wrong += [f"{url}: {name}" for name in set(names.findall(f"{said} {headers}"))]
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting.extend(urljoin(url, link.replace("&amp;", "&")) for link in re.findall(r'href="([^"#]+)"', said))
    assert wrong == []
    assert kinds >= {"text/html", "text/csv", "application/pdf"}
    assert any(kind.endswith("spreadsheetml.sheet") for kind in kinds)
    assert len(seen) > 20
    taken = AuditRow.objects.filter(pk__gt=last)
    assert taken.filter(verb="export_table").exists()
    assert [row.summary for row in taken if names.search(f"{row.summary} {row.data}")] == []
