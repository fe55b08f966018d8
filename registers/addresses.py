"""The addresses of one class's register: reversed once for each school and filled in, for a page has up to forty."""

from datetime import date
from functools import lru_cache

from django.urls import reverse

from registers.calendar_rules import Session

# What stands in an address for the id, the day and the session until they are filled in: nothing else looks like it.
_ID, _DAY = 987654321, date(1999, 1, 1)
OF_REGISTER = ("save_marks", "changes", "send_register", "keep_standing", "see_entries", "rekey_register")


def of_register(urn: str, class_group_id: int, day: date, session: Session) -> dict[str, str]:
    """The address of each verb of a register, by the url's name."""
    return {name: pattern.format(class_group_id, day, session) for name, pattern in _patterns(urn).items()}


def amend_mark(urn: str, day: date, session: Session) -> str:
    """The address of a pupil's mark with `{0}` for her id."""
    return _pattern(urn, "amend_mark", _ID, _DAY, Session.AM).format("{0}", day, session)


@lru_cache(maxsize=1024)
def _patterns(urn: str) -> dict[str, str]:
    return {
        **{name: _pattern(urn, name, _ID, _DAY, Session.AM) for name in OF_REGISTER},
        "paper_register": _pattern(urn, "paper_register", _ID, _DAY),
        "worker": _pattern(urn, "worker"),
        "see_registers": _pattern(urn, "see_registers"),
    }


@lru_cache(maxsize=4096)
def _pattern(urn: str, name: str, *args: int | date) -> str:
    found = reverse(f"registers:{name}", args=[urn, *args])
    return found.replace(str(_ID), "{0}").replace(_DAY.isoformat(), "{1}").replace("/AM/", "/{2}/")
