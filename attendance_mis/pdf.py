"""HTML to PDF, the same for every floor: fonts are configured once, style sheets are parsed once."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from weasyprint import CSS, HTML, URLFetcher
from weasyprint.text.fonts import FontConfiguration

# A fresh one for each document would double its time and never give its memory back.
FONTS = FontConfiguration()
TAGGED = "pdf/ua-1"


@lru_cache
def _style(path: Path) -> CSS:
    return CSS(filename=path, font_config=FONTS)


def render_pdf(html: str, style: str) -> bytes:
    """The document as a tagged PDF/UA-1. `style` is the path of a style sheet below `static/`; nothing is fetched."""
    sheet = _style(Path(settings.BASE_DIR) / "static" / style)
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=[]))
    return document.write_pdf(stylesheets=[sheet], font_config=FONTS, pdf_variant=TAGGED)
