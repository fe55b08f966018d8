"""One event as an iCalendar file (RFC 5545). Pure: `stamp` is given, no clock is read.

Times are written in UTC ("form #2", 3.3.5), so that no time zone has to travel with the file. Lines end with CRLF and
are folded at 75 octets (3.1); text is escaped (3.3.11).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

_LONGEST = 75  # octets of a line without its break


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in a calendar. `uid` stays the same for the same event, so that a second file replaces the first."""

    uid: str
    start: datetime
    end: datetime
    title: str
    place: str = ""
    text: str = ""
    sequence: int = 0
    is_cancelled: bool = False


def calendar_file(event: Event, stamp: datetime) -> bytes:
    """The file. `start`, `end` and `stamp` must know their zone; raises ValueError otherwise."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Attendance MIS//Meetings//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{escaped(event.uid)}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(event.start)}",
        f"DTEND:{_utc(event.end)}",
        f"SEQUENCE:{event.sequence}",
        f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}",
        f"SUMMARY:{escaped(event.title)}",
        *([f"LOCATION:{escaped(event.place)}"] if event.place else []),
        *([f"DESCRIPTION:{escaped(event.text)}"] if event.text else []),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def escaped(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line breaks as 3.3.11 says; other control characters go."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, written)
    return "".join(char for char in text if char == "\t" or (ord(char) >= 32 and ord(char) != 127))


def folded(line: str) -> bytes:
    """A content line, folded so that no line is longer than 75 octets and no character is cut."""
    parts, part = [], b""
    for char in line:
        octets = char.encode()
        if len(part) + len(octets) > _LONGEST:
            parts.append(part)
            part = b" "  # the blank that marks a folded line counts too
        part += octets
    return b"\r\n".join([*parts, part]) + b"\r\n"


def _utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("A moment without a zone has no place in a calendar.")
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
