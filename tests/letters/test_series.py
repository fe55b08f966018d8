"""Letters in series are, byte for byte, what WeasyPrint makes of each by itself."""

import re
import subprocess
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from django.utils.safestring import SafeString
from PIL import Image
from weasyprint import HTML

from attendance_mis.models import School
from attendance_mis.pdf import FONTS, TAGGED, say_what_heads, style_of
from letters import drawing, markup, series
from letters.fields import fields_of, samples_of
from letters.models import Letterhead
from letters.occasions import Occasion
from letters.starters import starter_of
from tests.conftest import TODAY

SCHOOL = School(name="Example Primary School", address=["1 Example Road", "London"], postcode="N1 1AA")


def html_of(occasion: Occasion, tag: str = "en-GB") -> str:
    """A starter letter with its samples, as if in another language before the English."""
    fields, values = fields_of(occasion), samples_of(occasion)
    starter = starter_of(occasion)
    subject, body = (markup.parse(text, fields) for text in (starter.subject, starter.body))
    pages = [
        drawing.Page(each, drawing.direction(each), markup.as_plain(subject, values).strip(),
                     SafeString(markup.as_html(body, values)))
        for each in dict.fromkeys([tag, "en-GB"])
    ]  # fmt: skip
    return drawing.html_of(SCHOOL, None, pages=pages, address=["Ms Begum", "N1"], dated=TODAY, reference="1-1")


def by_itself(html: str) -> bytes:
    return HTML(string=html).write_pdf(
        stylesheets=[style_of(style) for style in drawing.STYLES], font_config=FONTS, pdf_variant=TAGGED,
        finisher=say_what_heads,
    )  # fmt: skip


@pytest.mark.parametrize("occasion", Occasion, ids=str)
def test_the_bytes_are_those_weasyprint_makes_by_itself(occasion):
    html = html_of(occasion)
    assert drawing.pdf_of(html, None)[0] == by_itself(html)


@pytest.mark.parametrize("tag", ["ar", "bn", "pl"])
def test_in_another_language_too(tag):
    html = html_of(Occasion.FORMAL_WARNING, tag)
    assert drawing.pdf_of(html, None) == (by_itself(html), 2)


def test_a_picture_is_packed_once_and_shown_in_each_letter():
    out = BytesIO()
    Image.new("RGBA", (2000, 100), (18, 89, 107, 255)).save(out, "PNG")
    head = Letterhead(logo=out.getvalue())
    page = "<!doctype html><html lang='en'><title>A</title><p>A</p><img src='ours:logo' alt='A'>"
    first = drawing.pdf_of(page, head)[0]
    assert b"/Width 2000" in first
    assert drawing.pdf_of(page, head)[0] == first
    assert b"/Image" not in drawing.pdf_of(page, None)[0]


def test_a_large_picture_gets_the_pixels_that_paper_shows():
    out = BytesIO()
    Image.effect_noise((1200, 1200), 80).convert("RGBA").save(out, "PNG")
    made, _ = drawing.pdf_of(
        "<html lang='en'><title>A</title><p>A</p><img src='ours:logo' alt='A'>", Letterhead(logo=out.getvalue())
    )
    assert b"/Width 189" in made
    assert len(made) < 200_000 < len(out.getvalue())


def test_the_styles_that_are_kept_do_not_grow_with_the_letters():
    drawing.pdf_of(html_of(Occasion.CONCERN), None)
    before = len(series._Styles._known)
    for _ in range(3):
        drawing.pdf_of(html_of(Occasion.CONCERN), None)
    assert len(series._Styles._known) == before


# GOV.UK Notify: the window that an address must lie in, and the margin that nothing may enter; millimetres.
LEFT, TOP, WIDTH, HEIGHT, MARGIN = 24.6, 39.5, 95.4, 26.8, 15
ROUNDED = 0.1
ADDRESSES = {
    "as many lines as fit": [
        "Ms Nadia Begum",
        "Flat 12",
        "Mulberry House",
        "114 Mill Lane",
        "Camden",
        "London",
        "N1 2AB",
    ],
    "wide": ["Ms Święcisława Magdalena Żółkiewska-Szczęśniak-Brzęczyszczykiewicz", "1 Mill Lane", "London", "N1 2AB"],
    "Bengali": ["নাদিয়া বেগম চৌধুরী", "1 Mill Lane", "London", "N1 2AB"],
}


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_the_address_lies_in_the_window_and_nothing_else_does(address, tmp_path):
    """Measured from the PDF, by the boxes of its words."""
    out = BytesIO()
    Image.new("RGBA", (1200, 300), (18, 89, 107, 255)).save(out, "PNG")
    html = drawing.html_of(
        SCHOOL, Letterhead(logo=out.getvalue()), pages=[drawing.Page("en-GB", "ltr", "A", SafeString("<p>b</p>" * 60))],
        address=address, dated=TODAY, reference="1-1",
    )  # fmt: skip
    (tmp_path / "letter.pdf").write_bytes(drawing.pdf_of(html, Letterhead(logo=out.getvalue()))[0])
    words = words_of(tmp_path / "letter.pdf")
    right_edge, low_edge = LEFT + WIDTH, TOP + HEIGHT
    shown = [each for each in words if each[1] < right_edge and each[4] > TOP and each[2] < low_edge]
    assert "".join(word for word, *_ in shown) == "".join("".join(address).split()), "all of it, and nothing else"
    for _, left, top, right, bottom in shown:
        assert min(left - LEFT, top - TOP, right_edge - right, low_edge - bottom) >= -ROUNDED
    for _, left, top, right, bottom in words:
        assert min(left, top, 210 - right, 297 - bottom) >= MARGIN - ROUNDED


def words_of(pdf: Path) -> list[tuple[str, float, float, float, float]]:
    """The words of the first page with their boxes in millimetres: left, top, right, bottom."""
    said = subprocess.run(
        ["pdftotext", "-bbox", "-l", "1", pdf, "-"], capture_output=True, check=True, text=True
    ).stdout
    boxes = re.findall(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', said)
    return [(unescape(word), *(float(at) * 25.4 / 72 for at in box)) for *box, word in boxes]


def test_an_empty_cell_is_a_place_to_write_but_not_in_the_summary(tmp_path):
    """As high as a signature in a letter's own table; in the enclosed summary an afternoon in school is empty."""
    rows = "".join(f"<tr><th scope='row'>{name}</th><td>O</td><td></td></tr>" for name in ("one", "two"))
    tables = f"<table><tbody>{rows}</tbody></table><table class='as__table'><tbody>{rows}</tbody></table>"
    html = f"<!doctype html><html lang='en'><title>A</title><h1>A</h1>{tables}"
    (tmp_path / "letter.pdf").write_bytes(drawing.pdf_of(html, None)[0])
    tops = [top for word, _, top, *_ in words_of(tmp_path / "letter.pdf") if word in ("one", "two")]
    assert tops[1] - tops[0] > 11
    assert tops[3] - tops[2] < 8
