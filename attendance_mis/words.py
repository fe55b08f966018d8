"""Numbers and days in sentences. Pure."""

from datetime import date


def how_many(number: int, noun: str) -> str:
    """The number with its noun: "1 session", "2 sessions", "0 sessions"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def days(first: date, last: date) -> str:
    """One day or a span of days: "11 March 2025", "11 to 14 March 2025", "20 December 2026 to 3 January 2027"."""
    if first == last:
        return f"{last:%-d %B %Y}"
    if first.year != last.year:
        return f"{first:%-d %B %Y} to {last:%-d %B %Y}"
    return f"{first:%-d}{'' if first.month == last.month else f' {first:%B}'} to {last:%-d %B %Y}"
