"""`{% explained row.days "missed" row.name of=row.of %}`: a number that opens its explanation."""

from typing import Any

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString

from attendance_mis.permissions import Permission, can
from reports.definitions import DEFINITIONS
from reports.explained import Ask, Explains

register = template.Library()
NOTHING = "–"


@register.simple_tag(takes_context=True)
def explained(context: template.Context, shown: object, figure: str, about: object = "", **asks: object) -> SafeString:
    """`shown` as a link to what it means, of this cell; plain without a number, a page or leave to see it."""
    return explained_cell(context, shown, Ask(figure, f"{about}", asks))


@register.simple_tag(takes_context=True)
def explained_cell(context: template.Context, shown: object, ask: Ask | None) -> SafeString:
    """The same for a cell that a view or a chart has described; without a description, plain."""
    if shown is None:
        return SafeString(NOTHING)
    explains = _explains(getattr(context, "request", None)) if ask and shown not in ("", NOTHING) else None
    return link(explains, shown, ask) if ask and explains else conditional_escape(_text(shown))


@register.simple_tag(takes_context=True)
def explained_at(context: template.Context, name: str) -> str:
    """For a page of a floor below: its numbers are explained at the url of that name. Said before the first of them."""
    request = context["request"]
    address = reverse(name, args=[request.school.urn, "missed"])
    request.explains = Explains(address.removesuffix("missed/"))
    return ""


@register.simple_tag(takes_context=True)
def explaining(context: template.Context, figure: str, **asks: object) -> str:
    """The address of an explanation, for a tile: `{% explaining "late" pupil=pupil.pk as href %}`."""
    explains = _explains(getattr(context, "request", None))
    return explains.address(Ask(figure, "", asks)) if explains else ""


def link(explains: Explains, shown: object, ask: Ask) -> SafeString:
    """Its name for a screen reader says what the number is and that it is explained."""
    what = f"{shown}: {DEFINITIONS[ask.figure].name}{', ' if ask.about else ''}{ask.about}, explained"
    # Escaped by hand: `format_html` takes four times as long, and a page has hundreds.
    address, name = escape(explains.address(ask)), escape(what)
    return SafeString(
        f'<a class="app-figure" href="{address}" aria-label="{name}">{conditional_escape(_text(shown))}</a>'
    )


def _text(shown: object) -> str:
    """Already safe text stays so."""
    return shown if isinstance(shown, str) else f"{shown}"


def _explains(request: HttpRequest | None) -> Explains | None:
    """What the page's view has said, or else the figures by pupil, for who sees them."""
    if request is None:
        return None
    if not hasattr(request, "explains"):
        request.explains = _by_pupil(request)  # type: ignore[attr-defined]
    found: Explains | None = request.explains  # type: ignore[attr-defined]
    return found


def _by_pupil(request: Any) -> Explains | None:
    school = getattr(request, "school", None)
    if school is None or not can(request.user, Permission.SEE_CLASS_FIGURES, school):
        return None
    return Explains(reverse("reports:explain", args=[school.urn, "missed"]).removesuffix("missed/"))
