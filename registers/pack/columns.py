"""The kinds of value a column of a pack holds: text in, value out, or ValueError with a sentence."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from registers.calendar_rules import Session
from registers.upn import why_not_upn

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
# Django's own default; the model holds it too.
EMAIL_LENGTH = 254


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file. `required`: the file must have it and no row may leave it empty."""

    name: str
    parse: Callable[[str], Any]
    required: bool = False


def text(length: int | None = None) -> Callable[[str], str]:
    """Any text of at most `length` characters."""

    def parse(value: str) -> str:
        if length and len(value) > length:
            raise ValueError(f"is {len(value):,} characters long; at most {length} are kept")
        return value

    return parse


def day(value: str) -> date:
    """An ISO date."""
    try:
        if _DATE.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise ValueError(f"{shown(value)} is not a date; write it as YYYY-MM-DD")


def moment(zone: ZoneInfo) -> Callable[[str], datetime]:
    """An ISO date and time; one without an offset is the school's local time."""

    def parse(value: str) -> datetime:
        try:
            if _DATE.match(value) and len(value) > 10:
                found = datetime.fromisoformat(value)
                return found if found.tzinfo else found.replace(tzinfo=zone)
        except ValueError:
            pass
        raise ValueError(f"{shown(value)} is not a date and time; write it as YYYY-MM-DDTHH:MM:SS+00:00")

    return parse


def yes_no(value: str) -> bool:
    """Y or N."""
    return choice("Y", "N")(value) == "Y"


def choice(*values: str) -> Callable[[str], str]:
    """One of a few values, as written."""

    def parse(value: str) -> str:
        if value not in values:
            raise ValueError(f"{shown(value)} is not one of {', '.join(values)}")
        return value

    return parse


def number(smallest: int, largest: int) -> Callable[[str], int]:
    """A whole number in a range."""

    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and len(value) < 10 and smallest <= int(value) <= largest):
            raise ValueError(f"{shown(value)} is not a whole number from {smallest} to {largest}")
        return int(value)

    return parse


def session(value: str) -> Session:
    """AM or PM."""
    return Session[choice("AM", "PM")(value)]


def upn(value: str) -> str:
    """A UPN whose check letter is right."""
    if reason := why_not_upn(value):
        raise ValueError(reason)
    return value


def email(value: str) -> str:
    """Something that can be an e-mail address."""
    if not _EMAIL.fullmatch(text(EMAIL_LENGTH)(value)):
        raise ValueError(f"{shown(value)} is not an e-mail address")
    return value


def shown(value: str) -> str:
    """A value as an error quotes it: short, on one line."""
    return repr(value if len(value) <= 40 else value[:37] + "...")
