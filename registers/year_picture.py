"""A child's year on one picture: every session a chip with its letter, its pattern and its colour. Pure.

A week is a line, a half-term a table. The letter and the pattern tell the category where colour does not, and each
chip says its day and its meaning to who does not see it. Put together as one string: 390 chips as template nodes would
take longer than the rest of the page.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from html import escape
from itertools import groupby
from typing import NamedTuple

from registers import codes
from registers.calendar_rules import Session, monday_of

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")
_HEAD = "".join(f'<th scope="colgroup" colspan="2">{day}</th>' for day in DAYS)


class HeldDay(NamedTuple):
    """A day on which school meets, in the morning, the afternoon or both."""

    day: date
    am: bool
    pm: bool
    half_term: int


def year_picture(days: Iterable[HeldDay], marks: Mapping[tuple[date, Session], int], today: date, caption: str) -> str:
    """A table a half-term, safe to print; sessions to come are empty, closed ones are not drawn."""
    tables = []
    for half_term, held in groupby(days, key=lambda each: each.half_term):
        weeks = groupby(held, key=lambda each: monday_of(each.day))
        lines = [_week(monday, {each.day: each for each in week}, marks, today) for monday, week in weeks]
        tables.append(
            f'<table class="yp"><caption>Half-term {half_term}<span class="govuk-visually-hidden">, {escape(caption)}'
            f"</span></caption><thead><tr><td></td>{_HEAD}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
        )
    return f'<div class="yp-terms">{"".join(tables)}</div>'


def _week(monday: date, held: Mapping[date, HeldDay], marks: Mapping[tuple[date, Session], int], today: date) -> str:
    cells = []
    for offset in range(len(DAYS)):
        day = monday + timedelta(offset)
        found = held.get(day)
        for session, is_held in ((Session.AM, found and found.am), (Session.PM, found and found.pm)):
            edge = ' class="yp-am"' if session is Session.AM else ""
            cells.append(f"<td{edge}>{_chip(day, session, marks.get((day, session)), today) if is_held else ''}</td>")
    return f'<tr><th scope="row">{monday:%-d %b}</th>{"".join(cells)}</tr>'


def _chip(day: date, session: Session, number: int | None, today: date) -> str:
    if number is None:
        if day > today:
            return '<span class="yp-later"></span>'
        letter, category, meaning = "", "blank", "no mark"
    else:
        code = codes.by_number(number)
        letter, category, meaning = code.letter, code.category.name.lower(), code.short
    said = escape(f"{day:%a %-d %b} {session}: {meaning}")
    return (
        f'<span class="app-code app-code--small app-code--{category}" title="{said}" role="img" '
        f'aria-label="{said}">{escape(letter)}</span>'
    )
