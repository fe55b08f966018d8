"""Events as an iCalendar file (RFC 5545) or a feed (RFC 7986). Pure: `stamp` is given, no clock is read.

Moments are written in UTC ("form #2", 3.3.5), so that no time zone has to travel with the file; whole days are dates,
which know no zone. Lines end with CRLF and are folded at 75 octets (3.1); text is escaped (3.3.11).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_LONGEST = 75  # octets of a line without its break
ASK_AGAIN = "PT4H"  # how often a feed wants to be asked; a calendar does as it likes


@dataclass(frozen=True, slots=True)
class Event:
    """What stands in a calendar. `uid` stays the same for the same event, so that a second file replaces the first.

    Two moments, or two days of which `end` is the last: whole days leave the person free.
    """

    uid: str
    start: datetime | date
    end: datetime | date
    title: str
    place: str = ""
    text: str = ""
    link: str = ""
    sequence: int = 0
    changed_at: datetime | None = None
    is_cancelled: bool = False


def calendar_file(events: Iterable[Event], stamp: datetime, name: str = "") -> bytes:
    """The file; with a name it is a feed, which calls itself so and says when to ask again.

    Every moment must know its zone; raises ValueError otherwise.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Attendance MIS//Calendar//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *(_head_of_feed(name) if name else ()),
        *(line for event in events for line in _lines(event, stamp)),
        "END:VCALENDAR",
    ]
    return b"".join(folded(line) for line in lines)


def _head_of_feed(name: str) -> Iterator[str]:
    """Each said twice: as RFC 7986 says it, and as calendars have read it for longer."""
    yield f"NAME:{escaped(name)}"
    yield f"X-WR-CALNAME:{escaped(name)}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{ASK_AGAIN}"
    yield f"X-PUBLISHED-TTL:{ASK_AGAIN}"


def _lines(event: Event, stamp: datetime) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{escaped(event.uid)}"
    yield f"DTSTAMP:{_utc(stamp)}"
    if isinstance(event.start, datetime) and isinstance(event.end, datetime):
        yield f"DTSTART:{_utc(event.start)}"
        yield f"DTEND:{_utc(event.end)}"
    else:
        yield f"DTSTART;VALUE=DATE:{event.start:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{event.end + timedelta(1):%Y%m%d}"  # the first day that it is over (3.6.1)
        yield "TRANSP:TRANSPARENT"
    if event.changed_at:
        yield f"LAST-MODIFIED:{_utc(event.changed_at)}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"STATUS:{'CANCELLED' if event.is_cancelled else 'CONFIRMED'}"
    yield f"SUMMARY:{escaped(event.title)}"
    for word, text in (("LOCATION", event.place), ("DESCRIPTION", event.text)):
        if text:
            yield f"{word}:{escaped(text)}"
    if event.link:
        yield f"URL:{event.link}"
    yield "END:VEVENT"


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
