"""Where a partner goes on: a place in the record as a word that only we read. No Django here.

It holds places and days, nothing of anybody. Whoever makes one up reads what her token opens anyway.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

LONGEST = 500
Kinds = Mapping[str, Sequence[Callable[[Any], Any]]]


def pack(kind: str, *values: Any) -> str:
    """A cursor of this kind; dates, moments and numbers come back as they were."""
    told = [value.isoformat() if isinstance(value, date) else value for value in values]
    return urlsafe_b64encode(json.dumps([kind, *told], separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(cursor: str, kinds: Kinds) -> tuple[str, list[Any]]:
    """The kind of a cursor and its values, each read by its reader; raises ValueError for what `pack` never made."""
    try:
        kind, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return kind, [read(value) for read, value in zip(kinds[kind], values, strict=True)]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ValueError("no cursor of ours") from error


def number(value: Any) -> int:
    """A whole number that a row or a count can have."""
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError(value)
    return value


def day(value: Any) -> date:
    """A day."""
    return date.fromisoformat(value)


def moment(value: Any) -> datetime:
    """A moment that says its time zone."""
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError(value)
    return found
