"""How a mark looks: `{% load marks %}{% chip code %}`."""

from typing import Any

from django import template

from registers.codes import Code, by_number

register = template.Library()


@register.inclusion_tag("parts/code.html")
def chip(code: Code | int | None, size: str = "") -> dict[str, Any]:
    """A code, or its number, as a chip with its meaning for a screen reader; None is no mark."""
    if isinstance(code, int):
        code = by_number(code)
    if code is None:
        return {"letter": "", "category": "blank", "size": size}
    return {"letter": code.letter, "category": code.category.name.lower(), "meaning": code.short, "size": size}
