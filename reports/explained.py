"""From a number on a page to the page that explains it: one way for every cell of every table.

Pure. A cell says which figure it is (`definitions`), of whom, and what its row and column add to the filters of its
page; the page says where its figures are explained. `{% explained %}` (templatetags) makes the link of the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

WHO = ("year", "class_group", "group", "and_group")
WHEN = ("range", "first", "last")


@dataclass(frozen=True, slots=True)
class Ask:
    """A cell: the slug of its figure, of whom or when in words, and what it adds to the filters of its page."""

    figure: str
    about: str = ""
    asks: Mapping[str, object] = field(default_factory=dict)


Told = list[tuple[str, Ask | None]]
"""A sentence in its words and its numbers, each number with what explains it."""


@dataclass(frozen=True, slots=True)
class Explains:
    """Where the numbers of a page are explained: the address up to the figure, and the filters of the page."""

    prefix: str
    filters: tuple[tuple[str, str], ...] = ()

    def address(self, ask: Ask) -> str:
        """Of one child no group is asked, and a cell with days of its own has those."""
        other = (*(WHO if "pupil" in ask.asks else ()), *(WHEN if "range" in ask.asks else ()))
        query = urlencode([*(each for each in self.filters if each[0] not in other), *ask.asks.items()])
        return f"{self.prefix}{ask.figure}/{'?' if query else ''}{query}"


Printed = tuple[Any, Ask | None]
"""A number as a page shows it, and what explains it; a number of None is hidden."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table as it is printed."""

    name: str
    cells: Sequence[Printed]
    family: str = ""


def find(lines: Iterable[Line], figure: str, asks: Mapping[str, str]) -> tuple[Line, Ask] | None:
    """The cell that an address names among those that its page prints; what is hidden is not there."""
    for line in lines:
        for shown, ask in line.cells:
            if ask and shown is not None and (ask.figure, _as_text(ask.asks)) == (figure, asks):
                return line, ask
    return None


def _as_text(asks: Mapping[str, object]) -> dict[str, str]:
    return {name: f"{value}" for name, value in asks.items()}
