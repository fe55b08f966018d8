"""What arrives in a form or an address without a field of a form to read it."""

from collections.abc import Iterable

LONGEST = 9  # digits; an id of ours has fewer, and Python reads no number of five thousand


def whole(text: str) -> int | None:
    """The whole number that somebody typed, none when it is not one that anything here could mean."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None


def wholes(texts: Iterable[str]) -> set[int]:
    """The numbers among them."""
    return {number for text in texts if (number := whole(text)) is not None}
