"""What a request is behind the middleware: a person, and below `/s/<urn>/` her school."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from attendance_mis.actors import Actor
    from attendance_mis.models import Membership, School, User
    from attendance_mis.permissions import Grant

MOST_DIGITS = 18  # what the database counts rows with
FILE = "file"  # the part of an address that asks for a table of the page as a file


class Request(HttpRequest):
    """The type of every view's `request`. Only a name: no request is ever made of this class."""

    user: "User"  # LoginRequiredMiddleware lets nobody else through
    htmx: "HtmxDetails"
    school: "School"
    membership: "Membership"
    actor: "Actor"
    grant: "Grant"
    sent_once: str  # of a form that may be sent twice: under which key its answer is remembered
    explains: Any  # of a page of figures: where its numbers are explained (reports.explained)


def per_page(request: HttpRequest, number: int) -> int:
    """How many rows of a list a page shows: all of them when the list is asked for as a file."""
    return sys.maxsize if FILE in request.GET else number


def row_id(asked: str) -> int | None:
    """The number of a row as a form or an address carries it; None where it can be none, whatever was sent."""
    return int(asked) if asked.isdecimal() and len(asked) <= MOST_DIGITS else None


def row_ids(asked: Iterable[str]) -> set[int]:
    """The numbers of rows among what was sent."""
    return {number for each in asked if (number := row_id(each)) is not None}
