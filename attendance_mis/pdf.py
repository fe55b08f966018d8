"""HTML to PDF, the same for every floor: fonts are configured once, style sheets are parsed once."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import pydyf
from django.conf import settings
from weasyprint import CSS, HTML, URLFetcher
from weasyprint.text.fonts import FontConfiguration

# A fresh one for each document would double its time and never give its memory back.
FONTS = FontConfiguration()
TAGGED = "pdf/ua-1"
NOTHING = URLFetcher(allowed_protocols=[])  # refuses every address


@lru_cache
def style_of(path: str) -> CSS:
    """A style sheet below `static/`, parsed once."""
    return CSS(filename=Path(settings.BASE_DIR) / "static" / path, font_config=FONTS)


def render_pdf(html: str, *styles: str) -> bytes:
    """The document as a tagged PDF/UA-1. `styles` are paths of style sheets below `static/`; nothing is fetched."""
    sheets = [style_of(style) for style in styles]
    document = HTML(string=html, url_fetcher=NOTHING)
    return document.write_pdf(stylesheets=sheets, font_config=FONTS, pdf_variant=TAGGED, finisher=say_what_heads)


def say_what_heads(document: object, pdf: Any) -> None:
    """Say of each heading cell whether it heads a column or a row (ISO 14289-1, 7.5); WeasyPrint leaves it out."""
    elements = {each.reference: each for each in pdf.objects if isinstance(each, pydyf.Dictionary)}
    for cell in list(elements.values()):
        if cell.get("S") == "/TH":
            row = elements.get(cell["P"], {})
            group = elements.get(row.get("P"), {})
            scope = "/Column" if group.get("S") == "/THead" else "/Row"
            cell["A"] = pydyf.Dictionary({**cell.get("A", {"O": "/Table"}), "Scope": scope})
