"""What closes the school on days that a plan or a request names, in words."""

from datetime import date

from registers.models import CalendarEntry


def closures_said(first: date, last: date) -> list[str]:
    """INSET days, bank holidays and closures between two days: "Bank holiday, 5 May 2025". One query."""
    entries = CalendarEntry.objects.filter(start__lte=last, end__gte=first).exclude(kind__startswith="HT")
    said = []
    for entry in entries.order_by("start"):
        to = "" if entry.start == entry.end else f" to {entry.end:%-d %B %Y}"
        half = f", {entry.get_session_display().lower()}" if entry.session else ""
        said.append(f"{entry.label or entry.get_kind_display()}, {entry.start:%-d %B %Y}{to}{half}")
    return said
