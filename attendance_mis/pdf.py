"""HTML to PDF, the same for every floor: fonts are configured once, style sheets are parsed once. PDFs to one PDF."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from typing import Any
from unicodedata import category

import pydyf
import weasyprint.pdf.tags
from django.conf import settings
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, NumberObject, TextStringObject
from weasyprint import CSS, HTML, URLFetcher
from weasyprint.text.fonts import FontConfiguration

# A fresh one for each document would double its time and never give its memory back.
FONTS = FontConfiguration()
TAGGED = "pdf/ua-1"
NO_LETTERS = {"Cc", "Cn", "Co", "Cs"}
REPLACED = "\N{REPLACEMENT CHARACTER}"
NOTHING = URLFetcher(allowed_protocols=[])  # refuses every address


@lru_cache
def style_of(path: str) -> CSS:
    """A style sheet below `static/`, parsed once."""
    return CSS(filename=Path(settings.BASE_DIR) / "static" / path, font_config=FONTS)


def render_pdf(html: str, *styles: str) -> bytes:
    """The document as a tagged PDF/UA-1. `styles` are paths of style sheets below `static/`; nothing is fetched."""
    sheets = [style_of(style) for style in styles]
    document = HTML(string=showable(html), url_fetcher=NOTHING)
    return document.write_pdf(stylesheets=sheets, font_config=FONTS, pdf_variant=TAGGED, finisher=say_what_heads)


def showable(html: str) -> str:
    """The text with a sign for "something stood here" in place of what no font has a letter for: controls, private use
    and what Unicode has not given out. An empty box (`.notdef`) breaks ISO 14289-1, 7.21.8."""
    strange = {ord(each): REPLACED for each in set(html) if category(each) in NO_LETTERS and each not in "\n\r\t"}
    return html.translate(strange) if strange else html


def say_what_heads(document: object, pdf: Any) -> None:
    """Say of each heading cell whether it heads a column or a row (ISO 14289-1, 7.5); WeasyPrint leaves it out.

    It names each cell's headings by identifiers instead, which nobody can look up (there is no /IDTree, ISO 32000-1,
    table 322), and which are the same in each of two documents that are joined. They go.
    """
    elements = {each.reference: each for each in pdf.objects if isinstance(each, pydyf.Dictionary)}
    for cell in list(elements.values()):
        if cell.get("S") == "/TH":
            row = elements.get(cell["P"], {})
            group = elements.get(row.get("P"), {})
            scope = "/Column" if group.get("S") == "/THead" else "/Row"
            cell["A"] = pydyf.Dictionary({**cell.get("A", {"O": "/Table"}), "Scope": scope})
            cell.pop("ID", None)
        elif cell.get("S") == "/TD":
            cell.get("A", {}).pop("Headers", None)


@contextmanager
def unswept() -> Iterator[None]:
    """While a document's tree grows nothing of it is free: looking through it costs a fifth of the time and more."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


_build_box_tree = weasyprint.pdf.tags._build_box_tree


def _tags_with_languages(box: Any, *args: Any) -> Iterator[Any]:
    """Say of what is in another language which one it is (ISO 14289-1, 7.2): WeasyPrint names the document's alone,
    so a letter's English would be read out as if it were Arabic."""
    for element in _build_box_tree(box, *args):
        if box.element is not None and box.element_tag != "html" and (tag := box.element.get("lang")):
            element["Lang"] = pydyf.String(tag)
        yield element


weasyprint.pdf.tags._build_box_tree = _tags_with_languages


def join(first: bytes, others: Sequence[bytes], *, titles: Sequence[str] = (), on_new_sheets: bool = False) -> bytes:
    """Tagged PDFs as one tagged PDF (ISO 14289-1): their pages, and what their tags say of them.

    Title, language and outline are the first's. Each of the others becomes a part, in its own language; `titles` stand
    in the outline for them. `on_new_sheets`: printed on both sides, each begins on a sheet of its own.
    """
    out = BytesIO()
    with unswept():
        whole = _Joined(first)
        for data, title in zip_longest(others, titles):
            if on_new_sheets and len(whole.writer.pages) % 2:
                whole.writer.add_blank_page()
            at = whole.add(data)
            if title:
                whole.writer.add_outline_item(title=title, page_number=at)
        whole.writer.write(out)
    return out.getvalue()


class _Joined:
    """A PDF that grows by others. pypdf takes their pages over and leaves out what tags them (`/StructTreeRoot`)."""

    def __init__(self, first: bytes) -> None:
        self.writer = PdfWriter(clone_from=BytesIO(first))
        tree: Any = self.writer.root_object["/StructTreeRoot"]
        self.marks = tree["/ParentTree"]["/Nums"]  # which element each mark of a page is in, by the page's number
        self.next = 1 + max(self.marks[::2], default=-1)
        self.document = tree["/K"][0].get_object()

    def add(self, data: bytes) -> int:
        """The other's pages behind these, and its tags as a part of the document; the number of its first page.

        Pages without tags stay without.
        """
        reader, at = PdfReader(BytesIO(data)), len(self.writer.pages)
        page: Any
        for page in reader.pages:
            new: Any = self.writer.add_page(page)
            if "/StructParents" in page:
                new[NameObject("/StructParents")] = NumberObject(page["/StructParents"] + self.next)
            for note in (each.get_object() for each in new.get("/Annots", ())):
                if "/StructParent" in note:
                    note[NameObject("/StructParent")] = NumberObject(note["/StructParent"] + self.next)
        if "/StructTreeRoot" in reader.root_object:
            self._add_tags(reader.root_object)
        self.writer.reset_translation(reader)  # or each letter is held in memory twice
        reader.resolved_objects.clear()
        return at

    def _add_tags(self, root: Any) -> None:
        tree = root["/StructTreeRoot"]
        marks = tree["/ParentTree"]["/Nums"]
        for number, elements in zip(marks[::2], marks[1::2], strict=True):
            self.marks += [NumberObject(number + self.next), elements.clone(self.writer)]
        self.next += len(marks) // 2
        for element in tree["/K"].clone(self.writer):
            part = element.get_object()
            part[NameObject("/S")] = NameObject("/Part")
            part[NameObject("/Lang")] = TextStringObject(root["/Lang"])
            part[NameObject("/P")] = self.document.indirect_reference
            self.document["/K"].append(part.indirect_reference)
