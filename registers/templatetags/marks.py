"""How a mark looks: `{% load marks %}{% chip code %}`."""

from functools import cache
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from registers.codes import Code, by_number

register = template.Library()


@register.simple_tag
def chip(code: Code | int | None, size: str = "") -> SafeString:
    """A code, or its number, as a chip with its meaning for a screen reader; None is no mark."""
    return _drawn(code.number if isinstance(code, Code) else code, size)


def values_of(number: int | None, size: str = "") -> dict[str, Any]:
    """What parts/code.html, and the parts made of it, ask of a code."""
    if number is None:
        return {"letter": "", "category": "blank", "size": size}
    code = by_number(number)
    return {"letter": code.letter, "category": code.category.name.lower(), "meaning": code.short, "size": size}


@cache
def _drawn(number: int | None, size: str) -> SafeString:
    """A chip drawn once for good: the codes never change, and a page of a school holds hundreds of chips."""
    return render_to_string("parts/code.html", values_of(number, size))
