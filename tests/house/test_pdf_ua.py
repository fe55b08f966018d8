"""Every PDF that the product makes, held to all 106 rules of PDF/UA-1 (ISO 14289-1) that veraPDF checks.

`tests/papers.py` makes them. A function of the product that makes a PDF and is reached by none of them fails here, and
in `test_access.py` a url that answers with a PDF and has no line there.
"""

import ast
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import weasyprint
from django.conf import settings
from pypdf import PdfWriter
from time_machine import Traveller

from attendance_mis.pdf import render_pdf
from penalties.exhibits import Exhibit, lay_in
from penalties.uploads.cleaning import harmless
from tests import verapdf
from tests.conftest import TODAY, Cast
from tests.factories import LONDON
from tests.hard_school import make_hard
from tests.house.test_access import ROUTES
from tests.papers import KINDS, NOT_OURS
from tests.penalties.test_uploads import a_pdf
from tests.penalties.test_uploads import written as bytes_of

AFTERNOON = datetime(2025, 3, 11, 16, tzinfo=LONDON)
APPS = ("attendance_mis", "registers", "letters", "casework", "penalties", "reports")
# Every function that makes a PDF or changes one, and the kind that is made by it.
MAKERS = {
    "attendance_mis.pdf.render_pdf": "registers:certificate_pdf",
    "attendance_mis.pdf.join": "letters:print_run_pdf",
    "casework.actions.clocks._pdf": "casework:download_return",
    "casework.agenda.as_pdf": "casework:supervision_agenda",
    "casework.form_sheets.as_pdf": "casework:form_pdf",
    "letters.actions.printing.run_pdf": "letters:print_run_pdf",
    "letters.correspondence._contents": "letters:export_correspondence",
    "letters.correspondence.as_pdf": "letters:export_correspondence",
    "letters.drawing.pdf_of": "letters:copy_pdf",
    "letters.series.render": "letters:copy_pdf",
    "penalties.exhibits.lay_in": "penalties:pack_pdf",
    "penalties.packs.pack_paper": "penalties:pack_pdf",
    "penalties.papers.improvement_paper": "penalties:improvement_pdf",
    "penalties.papers.notice_paper": "penalties:notice_pdf",
    "registers.actions.certificates.issue_certificate": "registers:certificate_pdf",
    "registers.views.paper._pdf": "registers:paper_register_pdf",
    "reports.actions.governor.make_governor_report": "reports:governor_report_pdf",
    "reports.paper.awards_pdf": "reports:awards_pdf",
    "reports.paper.class_list_pdf": "reports:made_report",
    "reports.paper.newsletter_pdf": "reports:made_report",
    "reports.paper.parents_pdf": "reports:parent_report",
}
# What somebody uploads is kept as its own pages without anything active: they are as accessible as they came.
CLEANING = {"penalties.uploads.cleaning._of_pdf", "penalties.uploads.cleaning._of_picture"}


@pytest.fixture
def reached(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The functions by which a PDF was written, as `module.function`."""
    names: set[str] = set()

    def spy(kind: type, name: str) -> None:
        written = getattr(kind, name)

        def write(*args: Any, **kwargs: Any) -> Any:
            frame = sys._getframe()
            while frame := frame.f_back:
                names.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")
            return written(*args, **kwargs)

        monkeypatch.setattr(kind, name, write)

    spy(weasyprint.Document, "write_pdf")
    spy(PdfWriter, "write")
    return names


@pytest.mark.long
@pytest.mark.parametrize("school", ["plain", "hard"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind(kind: str, school: str, cast: Cast, clock: Traveller, reached: set[str]) -> None:
    clock.move_to(AFTERNOON)
    if school == "hard":
        make_hard(cast)
    made = list(KINDS[kind](cast))
    assert made
    broken = {f"{number}: {each}" for number, pdf in enumerate(made) for each in verapdf.failures(pdf)}
    assert not broken, "\n".join(sorted(broken))
    assert reached >= {maker for maker, by in MAKERS.items() if by == kind}


def makers() -> Iterator[str]:
    """The functions of the product that call something which writes a PDF."""
    for path in (each for app in APPS for each in Path(settings.BASE_DIR, app).rglob("*.py")):
        module = ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, ast.FunctionDef) and any(map(_writes_pdf, ast.walk(function))):
                yield f"{module}.{function.name}"


def _writes_pdf(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    is_picture = called.endswith(".save") and "'PDF'" in map(ast.unparse, node.args)
    return is_picture or called.endswith(".write_pdf") or called in {
        "render_pdf", "series.render", "join", "PdfWriter", "_Joined"
    }  # fmt: skip


def test_every_function_that_makes_a_pdf_is_held() -> None:
    assert set(makers()) - {"attendance_mis.pdf.__init__"} == set(MAKERS) | CLEANING


def test_every_url_of_a_pdf_is_held() -> None:
    """By its name; `test_access.py` looks at what each answers."""
    named = {name for name in ROUTES if name.endswith("_pdf")}
    assert named <= set(KINDS) | NOT_OURS


def test_an_uploaded_paper_brings_its_own_fonts_and_breaks_no_other_rule() -> None:
    """One of two exceptions: a font that the file somebody uploaded does not hold (7.21) is not there to be put in."""
    for drawing in (b"BT /F1 12 Tf 72 700 Td (Minutes) Tj ET", b"/P <</MCID 0>> BDC BT /F1 12 Tf (A) Tj ET EMC"):
        pages, content = harmless(bytes_of(a_pdf(pages=2, drawing=drawing)))
        exhibit = Exhibit(1, "Minutes", TODAY, content, "")
        frames = "".join(
            f"<h2>{page.number}</h2><svg viewBox='0 0 9 9'><title>{page.alt}</title></svg>" for page in exhibit.pages()
        )
        style = "<style>h2 { break-before: page }</style>"
        bundle = render_pdf(f"<html lang='en'><title>A</title>{style}<h1>A</h1>{frames}</html>")
        found = verapdf.failures(lay_in(bundle, [exhibit]))
        assert pages == 2
        assert {(each.rule, "Helvetica" in each.place) for each in found} == {("7.21.4.1-1", True)}


def test_a_letter_that_no_installed_font_has_is_an_empty_box() -> None:
    """The other exception, and no other rule. A font that has it mends it."""
    found = verapdf.failures(render_pdf("<html lang='zh'><title>A</title><h1>\U00020000</h1></html>"))
    assert {each.rule for each in found} <= {"7.21.4.1-2", "7.21.5-1", "7.21.8-1"}


def test_the_rules_are_all_there() -> None:
    assert len(verapdf.rules()) == 106


def test_a_pdf_without_tags_is_refused() -> None:
    html = weasyprint.HTML(string="<h2>A</h2><table><tr><th>B<td>C</table>")
    assert {each.rule for each in verapdf.failures(html.write_pdf())} == {
        "6.2-1", "7.1-3", "7.1-8", "7.1-10", "7.1-11", "7.2-2", "7.2-34"
    }  # fmt: skip
    tagged = html.write_pdf(pdf_variant="pdf/ua-1")
    assert {each.rule for each in verapdf.failures(tagged)} >= {"7.1-9", "7.4.2-1", "7.5-1"}
    with pytest.raises(ValueError, match="cannot read"):
        verapdf.failures(b"%PDF-1.7")
