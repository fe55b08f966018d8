"""What stands in an address: a school's URN, a day, a session."""

from datetime import date


class UrnConverter:
    """Six digits."""

    regex = r"\d{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class DayConverter:
    """An ISO date; an impossible one is no page."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(value)

    def to_url(self, value: date) -> str:
        return value.isoformat()


class SessionConverter:
    """`AM` or `PM`, as the number that marks carry."""

    regex = "AM|PM"

    def to_python(self, value: str) -> int:
        return {"AM": 1, "PM": 2}[value]

    def to_url(self, value: int) -> str:
        return {1: "AM", 2: "PM"}[value]
