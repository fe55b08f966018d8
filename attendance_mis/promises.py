"""What the types leave open and something else has promised. Pure."""

from typing import TypeVar

T = TypeVar("T")


def promised(value: T | None) -> T:
    """The value that a rule of the database, or a step before, promised to be there. Raises LookupError: a fault."""
    if value is None:
        raise LookupError("Something is missing that is always there.")
    return value
