"""Letters to PDF by the hundred: what WeasyPrint does anew for each document and is always the same is done once.

The bytes are those WeasyPrint makes by itself (`tests/letters/test_series.py`); decision 0026 has what each part saves.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property, lru_cache
from io import BytesIO
from typing import Any

import cssselect2
import pydyf
import weasyprint.css
from lxml.html import document_fromstring
from PIL import Image
from weasyprint import CSS, HTML
from weasyprint.css import StyleFor
from weasyprint.images import RasterImage

from attendance_mis.pdf import FONTS, NOTHING, TAGGED, say_what_heads, showable, style_of, unswept

# Elements of equal rules, in all letters: some dozens. More are a text that was written to be many.
MOST_STYLES = 2_000
LARGE = 50_000  # bytes of a picture that stands in each of hundreds of letters
INLINE = {(0, 0, 0), (1, 0, 0)}  # how specific what stands at an element itself is: its language, its name


class _Document(HTML):
    """A letter's HTML, read by libxml2 (our markup needs no repair), its elements starting from a sheet of ours."""

    def __init__(self, html: str, defaults: str) -> None:
        # Not HTML.__init__, which reads it again. Whatever it sets is set here.
        self.base_url, self.url_fetcher, self.media_type = None, NOTHING, "print"
        root = document_fromstring(showable(html))
        self.wrapper_element = cssselect2.ElementWrapper.from_html_root(root, content_language=None)
        self.etree_element = self.wrapper_element.etree_element
        self.defaults = style_of(defaults)

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:  # noqa: FBT001, FBT002 - WeasyPrint's signature
        return [self.defaults]


class _Styles(StyleFor):
    """The computed style of an element is that of the last element with the same rules and the same parent's style.

    For documents of a series alone; every other goes on as without this class.
    """

    _known: dict[tuple[Any, ...], tuple[Any, Any]] = {}

    def __init__(self, html: HTML, *args: Any) -> None:
        self._is_of_series = isinstance(html, _Document)
        super().__init__(html, *args)

    def set_computed_styles(self, element: Any, parent: Any, *, pseudo_type: str | None = None, **rest: Any) -> None:
        computed, at = self.get_computed_styles(), (element, pseudo_type)
        rules = self.get_cascaded_styles().get(at, {})
        key = (id(computed.get((parent, None))), pseudo_type, *self._key(rules))
        known = self._known.get(key) if self._is_of_series else None
        if known:
            computed[at] = known[0]
            return
        super().set_computed_styles(element, parent, pseudo_type=pseudo_type, **rest)
        if self._is_of_series:
            if len(self._known) >= MOST_STYLES:
                self._known.clear()
            # The rules are kept beside it, so that nothing else gets their ids.
            self._known[key] = computed[at], rules

    @staticmethod
    def _key(rules: Mapping[str, Any]) -> tuple[Any, ...]:
        """What tells the rules of one element from those of another: the sheets stay, so what they say has one id."""
        return tuple(
            (name, repr(value) if tuple(weight[2]) in INLINE else id(value)) for name, (value, weight) in rules.items()
        )


weasyprint.css.StyleFor = _Styles


class Picture(RasterImage):
    """A picture that is packed for the page once; WeasyPrint would do it for each letter."""

    def get_x_object(self, interpolate: bool, dpi_ratio: float) -> pydyf.Stream:  # noqa: FBT001 - WeasyPrint's
        data, extra = self._packed
        return pydyf.Stream([data], pydyf.Dictionary(extra))

    @cached_property
    def _packed(self) -> tuple[bytes, dict[str, Any]]:
        stream = super().get_x_object(interpolate=True, dpi_ratio=1)
        return stream.stream[0].data, dict(stream.extra)

    @property
    def size(self) -> int:
        """Its bytes in a letter."""
        return len(self._packed[0])


@lru_cache(maxsize=16)
def picture(name: str, png: bytes, largest: tuple[int, int]) -> Picture:
    """A PNG as letters show it: on white, and where it takes many bytes of so many pixels at most."""
    with Image.open(BytesIO(png), formats=["PNG"]) as opened:
        drawn = opened.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    if (found := Picture(paper, name, None)).size <= LARGE:
        return found
    paper.thumbnail(largest)
    return Picture(paper, name, None)


def render(html: str, *styles: str, defaults: str, pictures: Mapping[str, Picture]) -> tuple[bytes, int]:
    """The document as a tagged PDF/UA-1, and how many pages it has.

    `styles` and `defaults` (what stands for the browser's own sheet) are paths below `static/`. `pictures` are shown
    by their address; nothing is fetched.
    """
    with unswept():
        drawn = _Document(html, defaults).render(
            stylesheets=[style_of(style) for style in styles], font_config=FONTS, pdf_variant=TAGGED,
            cache=dict(pictures),
        )  # fmt: skip
        return drawn.write_pdf(pdf_variant=TAGGED, finisher=say_what_heads), len(drawn.pages)


@contextmanager
def swept() -> Iterator[None]:
    """For a worker that draws many: a document's tree refers to itself, and unless it is swept up (`gc.collect`) the
    memory grows. What was there before the first is left out of the sweeping, which would else look through all of
    Django each time."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
