"""A copy drawn: its words, its window, its letterhead. HTML and PDF; nothing is fetched, nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from attendance_mis.models import School
from attendance_mis.promises import promised
from letters import markup, series
from letters.languages import ENGLISH, direction, tag_of
from letters.markup import Text
from letters.models import Copy, Letter, Letterhead, TemplateVersion
from letters.occasions import Occasion
from letters.wording import text_of

STYLES = ("letters/letter.css", "registers/summary.css")
DEFAULTS = "letters/defaults.css"
ADDRESS_LINES = 7  # what the window of the envelope holds
# Pixels of the largest that letter.css prints, 80 x 20 and 60 x 16 mm, at 240 an inch.
LOGO, SIGNATURE = (756, 189), (567, 151)


@dataclass(frozen=True, slots=True)
class Page:
    """The words of a letter in one language, drawn."""

    tag: str
    direction: str
    subject: str
    body: str


def words(version: TemplateVersion, occasion: Occasion, values: Mapping[str, Any], language: str = "") -> list[Page]:
    """The letter in the receiver's language where the template holds it, and always in English."""
    tag = tag_of(language)
    pages = [_page(text_of(version, occasion, tag), values, tag)] if tag in version.translations else []
    return [*pages, _page(text_of(version, occasion), values, ENGLISH)]


def _page(texts: tuple[Text, Text], values: Mapping[str, Any], tag: str) -> Page:
    subject, body = texts
    is_english = tag == ENGLISH
    return Page(
        tag=tag,
        direction=direction(tag),
        subject=markup.as_plain(subject, values, is_english=is_english).strip(),
        # Made of escaped text and our own elements only (markup.as_html).
        body=mark_safe(markup.as_html(body, values, is_english=is_english)),  # noqa: S308
    )


def salutation(copy: Copy, letter: Letter) -> str:
    """How this parent is addressed; who has no contact any more by the name on the envelope."""
    return letter.values.get("salutations", {}).get(str(copy.contact_id)) or copy.addressee


def html_of(
    school: School, head: Letterhead | None, *, pages: list[Page], address: list[str], dated: Any, reference: str,
    enclosure: str = "", corrects: Any = None,
) -> str:  # fmt: skip
    """The whole letter as HTML. `corrects` is the day of the letter whose place it takes."""
    return render_to_string(
        "letters/letter.html",
        {
            "school": school,
            "head": head,
            "pages": pages,
            "address": address[:ADDRESS_LINES],
            "dated": dated,
            "reference": reference,
            "corrects": corrects,
            "enclosure": mark_safe(enclosure),  # noqa: S308 - drawn by our template when the letter was approved
        },
    )


def pdf_of(html: str, head: Letterhead | None) -> tuple[bytes, int]:
    """The PDF of a letter's HTML, and how many pages it has."""
    pictures = {}
    if head and head.logo:
        pictures["ours:logo"] = series.picture("logo", bytes(head.logo), LOGO)
    if head and head.signature:
        pictures["ours:signature"] = series.picture("signature", bytes(head.signature), SIGNATURE)
    return series.render(html, *STYLES, defaults=DEFAULTS, pictures=pictures)


def draw(copy: Copy, letter: Letter, school: School, head: Letterhead | None) -> tuple[bytes, int]:
    """The PDF of one copy of an approved letter, and how many pages it has."""
    values = {**letter.values, "salutation": salutation(copy, letter)}
    pages = words(promised(letter.version), Occasion(letter.occasion), values, copy.language)
    html = html_of(
        school, head, pages=pages, address=copy.address, dated=letter.dated, reference=f"{letter.pk}-{copy.pk}",
        enclosure=letter.enclosure, corrects=letter.corrects.dated if letter.corrects_id else None,
    )  # fmt: skip
    return pdf_of(html, head)
