"""Totals and what they are made of, as people without a name in them may read them. Pure.

A number from 1 to 4 could name a child. It is not enough to leave it out: the total less the other parts would give it
away, and so would the choice of another part to leave out with it. So the parts of a total stand all or none: none
where one of them is from 1 to 4. The total stands unless it is from 1 to 4 itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

FEWEST = 5
SMALL = "fewer than 5"
HIDDEN = "not shown"


@dataclass(frozen=True, slots=True)
class Whole:
    """A total, named `figure` in addresses, with the parts it is made of: every one counted belongs to one part."""

    name: str
    parts: Mapping[str, int]
    figure: str = ""

    @property
    def total(self) -> int:
        return sum(self.parts.values())

    @property
    def printed(self) -> dict[str, str]:
        """The total and its parts by name, as they may be read."""
        hides = any(_is_small(number) for number in self.parts.values())
        total = SMALL if _is_small(self.total) else str(self.total)
        return {self.name: total, **{name: HIDDEN if hides else str(number) for name, number in self.parts.items()}}


def _is_small(number: int) -> bool:
    return 0 < number < FEWEST
