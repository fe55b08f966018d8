"""HTML to PDF, the same for every floor: fonts are configured once, style sheets are parsed once."""

from collections.abc import Mapping
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from weasyprint import CSS, HTML, URLFetcher
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcherResponse

# A fresh one for each document would double its time and never give its memory back.
FONTS = FontConfiguration()
TAGGED = "pdf/ua-1"
OURS = "ours:"


class _Given(URLFetcher):
    """Serves the pictures it was given, by the address `ours:name`; refuses every other address."""

    def __init__(self, images: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=[])
        self._images = images

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        name = url.removeprefix(OURS)
        if url.startswith(OURS) and name in self._images:
            return URLFetcherResponse(url, BytesIO(self._images[name]), {"Content-Type": "image/png"})
        return super().fetch(url, headers)


@lru_cache
def _style(path: Path) -> CSS:
    return CSS(filename=path, font_config=FONTS)


def render_pdf(html: str, *styles: str, images: Mapping[str, bytes] | None = None) -> bytes:
    """The document as a tagged PDF/UA-1. `styles` are paths of style sheets below `static/`; nothing is fetched.

    `images` are PNG by name; the document shows one with `<img src="ours:name">`.
    """
    sheets = [_style(Path(settings.BASE_DIR) / "static" / style) for style in styles]
    document = HTML(string=html, url_fetcher=_Given(images or {}))
    return document.write_pdf(stylesheets=sheets, font_config=FONTS, pdf_variant=TAGGED)
