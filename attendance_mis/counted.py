"""A number over a list of its own page: it opens its lines and no others, what it means and who is left out."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpRequest

SHOW = "show"  # the part of an address that says which number's lines are asked for


@dataclass(frozen=True, slots=True)
class Counted:
    """`slug` names it in the address; `means` and `left_out` are sentences (`parts/counts.html`)."""

    slug: str
    label: str
    number: int
    means: str
    left_out: str
    tone: str = "quiet"


def chosen_of(request: HttpRequest, counts: Iterable[Counted]) -> Counted | None:
    """The number whose lines are asked for, None for all of them; 404 for one that the page does not have."""
    asked = request.GET.get(SHOW, "")
    found = next((each for each in counts if each.slug == asked), None)
    if asked and found is None:
        raise Http404
    return found
