"""What a PDF says of itself beyond what WeasyPrint writes: headings of tables, languages; and PDFs joined to one."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from weasyprint import HTML

from attendance_mis.pdf import join, render_pdf, showable
from tests.verapdf import failures

TABLE = "<table><thead><tr><th>Day<th>Code<tbody><tr><th scope=row>Monday<td>O</table>"
POLISH = "<section lang='pl'><h2>Dzień dobry</h2><p>Proszę</p></section>"


def a_pdf(title: str, *pages: str, lang: str = "en-GB") -> bytes:
    body = "".join(f"<div style='break-after: page'>{page}</div>" for page in pages)
    html = f"<html lang='{lang}'><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"
    return render_pdf(html, "letters/print_run.css")


def tags(node: Any, of: str = "") -> Iterator[tuple[str, str, Any]]:
    """Each tag with the language it stands in, and itself."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        for each in node:
            yield from tags(each, of)
    elif isinstance(node, dict) and "/S" in node:
        of = node.get("/Lang", of)
        yield node["/S"], of, node
        yield from tags(node.get("/K", []), of)


def tags_of(data: bytes) -> list[tuple[str, str, Any]]:
    root: Any = PdfReader(BytesIO(data)).root_object
    return list(tags(root["/StructTreeRoot"]["/K"], root["/Lang"]))


def test_a_heading_cell_says_what_it_heads():
    found = [(tag, node["/A"].get("/Scope")) for tag, _, node in tags_of(a_pdf("A", TABLE)) if tag in ("/TH", "/TD")]
    assert found == [("/TH", "/Column"), ("/TH", "/Column"), ("/TH", "/Row"), ("/TD", None)]


def test_what_is_in_another_language_says_in_which():
    found = {(tag, of) for tag, of, _ in tags_of(a_pdf("A", "<p>Good morning</p>", POLISH)) if tag in ("/P", "/H2")}
    assert found == {("/P", "en-GB"), ("/H2", "pl"), ("/P", "pl")}


def test_what_no_font_has_is_replaced_and_the_rest_left():
    assert showable("a\ue000b\x02\u0378\n\tناديا \u200f😀") == "a�b��\n\tناديا \u200f😀"
    assert not failures(a_pdf("A\x02", "<p>\ue000</p>"))


def test_joined_each_keeps_its_tags_and_its_language():
    """Tables and links; a part for each of the others, in the order of the pages."""
    first = a_pdf("All", TABLE, "<p><a href='https://example.org/'>Read</a></p>")
    others = [a_pdf("One", TABLE, "<p><a href='https://example.org/'>More</a></p>"), a_pdf("Dwa", TABLE, lang="pl")]
    whole = join(first, others, titles=["The first", "The second"])
    assert not failures(whole)
    reader = PdfReader(BytesIO(whole))
    headings = [(tag, of) for tag, of, _ in tags_of(whole) if tag in ("/Document", "/Part", "/H1")]
    assert headings == [
        ("/Document", "en-GB"), ("/H1", "en-GB"), ("/Part", "en-GB"), ("/H1", "en-GB"), ("/Part", "pl"), ("/H1", "pl")
    ]  # fmt: skip
    counted = [tag for tag, *_ in tags_of(whole)]
    assert [counted.count(each) for each in ("/Table", "/TH", "/Link")] == [3, 9, 2]
    assert reader.metadata.title == "All"
    assert [each.title for each in reader.outline if not isinstance(each, list)] == ["All", "The first", "The second"]
    assert [reader.get_destination_page_number(each) for each in reader.outline] == [0, 2, 4]


def test_on_both_sides_each_begins_on_a_new_sheet():
    whole = join(a_pdf("All"), [a_pdf("One"), a_pdf("Two")], on_new_sheets=True)
    texts = [page.extract_text() for page in PdfReader(BytesIO(whole)).pages]
    assert [text.strip()[:3] for text in texts] == ["All", "", "One", "", "Two"]
    assert not failures(whole)


def test_a_page_without_tags_is_printed_all_the_same():
    bare = HTML(string="<p>Bare <a href='https://example.org/'>link</a>").write_pdf()
    whole = join(a_pdf("All"), [bare, a_pdf("One")])
    assert [page.extract_text()[:3] for page in PdfReader(BytesIO(whole)).pages][1:] == ["Bar", "One"]
    assert {each.rule for each in failures(whole)} >= {"7.1-3"}
