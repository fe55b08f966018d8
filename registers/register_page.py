"""How a register looks: each pupil's line with its chips and sentences ready, so that the template only prints.

A page has thirty lines of eleven chips; what repeats is made once and kept.
"""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from registers import addresses, codes, taking
from registers.calendar_rules import Session
from registers.class_register import ClassRegister, Row, Standing, Waiting, slot
from registers.codes import Category, Code, MustRecord
from registers.models import Entry, PlannedAbsence
from registers.taking import Rights

_WATCH = ' <span class="rg-watch" title="Vulnerable: an unexplained absence is followed up first">Vulnerable</span>'
KINDS = dict(PlannedAbsence.Kind.choices)


@dataclass(slots=True)
class Line:
    """One pupil's line as it is printed. `history` and `other_session` are made of our own words; the rest is text."""

    id: int
    name: str
    is_vulnerable: bool
    history: str
    other_session: str
    letter: str
    style: str
    version: int
    minutes_late: int | str
    note: str
    others: str
    why: str
    waiting: str
    was: str
    amend_url: str = ""
    error: str = ""


def rows(lines: Sequence[Line]) -> SafeString:
    """The lines as they stand in the table: as template nodes, thirty of them took half of a page's time."""
    return mark_safe("\n".join(map(_html, lines)))  # noqa: S308  `_html` escapes every text


_SPECIAL = re.compile("[&<>\"']").search


def _text(text: str) -> str:
    """Escaped; most of what a register holds has nothing to escape, which is told faster than done."""
    return escape(text) if _SPECIAL(text) else text


def _html(line: Line) -> str:
    n, name = line.id, _text(line.name)
    title = name
    if line.amend_url:
        title = f'<a class="govuk-link" href="{line.amend_url}" title="What became of this mark">{name}</a>'
    others = f' data-others="{_text(line.others)}"' if line.others else ""
    waiting = f' data-waiting="{_text(line.waiting)}"' if line.waiting else ""
    has_error = ' class="rg-row--error"' if line.error else ""
    error = f'<span class="rg-fault">{_text(line.error)}</span>' if line.error else ""
    return f"""<tr role="row" id="pupil-{n}" data-pupil="{n}" data-version="{line.version}"{others}{waiting}{has_error}>
<th role="rowheader" scope="row"><span class="rg-name">{title}</span>{_WATCH if line.is_vulnerable else ""}</th>
<td role="cell" class="rg-days">{line.history}</td>
<td role="cell" class="rg-other">{line.other_session}</td>
<td role="cell" class="rg-mark"><input name="code-{n}" id="code-{n}" value="{_text(line.letter)}" class="rg-code rg-code--{line.style}" maxlength="3" autocomplete="off" autocapitalize="characters" spellcheck="false" aria-label="Mark of {name}"><input type="hidden" name="was-{n}" value="{_text(line.was)}"></td>
<td role="cell" class="rg-more"><label class="rg-minutes"><input name="minutes-{n}" value="{_text(str(line.minutes_late))}" inputmode="numeric" maxlength="3" autocomplete="off" aria-label="Minutes late, {name}"> <span>min late</span></label> <input class="rg-text" name="note-{n}" value="{_text(line.note)}" maxlength="500" autocomplete="off" placeholder="Note" aria-label="Note, {name}">{error}<span class="rg-why">{_text(line.why)}</span></td>
</tr>"""  # noqa: E501


def lines(
    register: ClassRegister, *, user_id: int, may_see_vulnerable: bool, may_amend: bool
) -> tuple[list[date], list[Line]]:
    """The days before, and the lines of the page in the order of the rows; the register was read with its days."""
    days = tuple(reversed(register.head.days_back))
    other = Session.PM if register.session is Session.AM else Session.AM
    slots = [slot(day, session, before=register.day) for day in days for session in Session]
    other_slot = slot(register.day, other, before=register.day)
    amend = addresses.amend_mark(register.school.urn, register.day, register.session) if may_amend else ""
    found = []
    for row in register.rows.values():
        mark, later = row.mark, row.before.get(other_slot)
        code = mark.code if mark else None
        found.append(
            Line(
                row.pupil.id,
                f"{row.forename} {row.surname}",
                may_see_vulnerable and row.is_vulnerable,
                history(days, tuple(map(row.before.get, slots))),
                small_chip(later) if later or other is Session.AM else "",
                code.letter if code else "",
                style(code),
                row.version,
                mark.minutes_late if mark and mark.minutes_late is not None else "",
                mark.note if mark else "",
                "" if mark is None or mark.is_teachers else mark.by_name or "The office",
                why(row, register),
                json.dumps(waiting_json(row.waiting, register, user_id)) if row.waiting else "",
                was(row),
                amend.format(row.pupil.id) if may_amend else "",
            )
        )
    return list(days), found


def caption(register: ClassRegister) -> SafeString:
    """The day, and whose class it is: above the heading."""
    head, part = register.head, "morning" if register.session is Session.AM else "afternoon"
    cover, teachers = "", f" · {_text(head.teachers)}" if head.teachers else ""
    if head.cover_for:
        cover = f"cover for {_text(head.cover_for)}"
    elif head.covers and not head.teaches:
        cover = f"you are covering for {_text(head.teachers)}" if head.teachers else "you are covering"
    whose = f" · <b>{cover}</b>" if cover else teachers
    return mark_safe(f"{register.day:%A %-d %B %Y}, {part}{whose}")  # noqa: S308  `_text` escapes


def reminded(register: ClassRegister) -> str:
    """What the office asks of the teacher, in a sentence; empty while it does not."""
    head = register.head
    if not head.reminded_by or not head.reminded_at:
        return ""
    at = head.reminded_at.astimezone(register.school.zone)
    return f"{head.reminded_by} is waiting for this register, {at:%H:%M}. Please send it."


def why(row: Row, register: ClassRegister) -> str:
    """Where a mark comes from that was not made while taking the register; or what was planned and is otherwise now."""
    if row.mark and not row.mark.is_teachers:
        return said(row.mark, register, row)
    if row.plan and (row.mark is None or row.mark.code != row.plan.code):
        return f"Planned: {planned(row)}."
    return ""


def said(mark: Standing, register: ClassRegister, row: Row | None = None) -> str:
    """Who entered a mark, when and why, in one line."""
    if mark.source == Entry.Source.PLANNED and row and row.plan and row.plan.code == mark.code:
        return f"{planned(row)}."
    when = mark.at.astimezone(register.school.zone)
    at = f"{when:%H:%M}" if when.date() == register.day else f"{when:%-d %B %H:%M}"
    note = f": {mark.note}" if mark.note else ""
    return f"{mark.code.short if mark.code else 'Taken back'}{note}. {mark.by_name or 'The office'}, {at}."


def planned(row: Row) -> str:
    plan = row.plan
    if plan is None:
        return ""
    note = f", {plan.note}" if plan.note else ""
    by = f" (noted by {plan.noted_by})" if plan.noted_by else ""
    return f"{KINDS.get(plan.kind, plan.code.short)}{note}{by}"


def waiting_json(waiting: Waiting, register: ClassRegister, user_id: int) -> dict[str, Any]:
    """What somebody wants where another mark stands, for the page's script; of one's own in the script's words."""
    made = waiting.made_at.astimezone(register.school.zone)
    is_mine = waiting.made_by_id == user_id
    who = "You marked" if is_mine else f"{waiting.made_by} marked"
    what = waiting.code.letter if is_mine else f"{waiting.code.letter} ({waiting.code.short})"
    return {
        "id": waiting.id,
        "code": waiting.code.letter,
        "minutes": waiting.minutes_late,
        "note": waiting.note,
        "mine": is_mine,
        "proposed": register.facts.is_settled(waiting.made_at),
        "said": f"{who} {what} at {made:%H:%M}",
    }


def was(row: Row) -> str:
    """What the plain form showed of a row, so that a post tells what was changed and what was only sent along."""
    mark = row.mark
    if mark is None or mark.code is None:
        return "0|||"
    minutes = "" if mark.minutes_late is None else mark.minutes_late
    return f"{mark.version}|{mark.code.letter}|{minutes}|{mark.note}"


def counts(register: ClassRegister) -> SafeString:
    """How many pupils have each code, in the order of the table."""
    found = Counter(row.mark.code for row in register.rows.values() if row.mark and row.mark.code)
    each = sorted(found.items(), key=lambda pair: pair[0].number)
    return mark_safe("".join(f"<li>{number} {escape(code.within)}</li>" for code, number in each))  # noqa: S308


# Chips


def style(code: Code | None) -> str:
    """The chip's class of a code: its category, or blank."""
    return code.category.name.lower() if code else "blank"


@lru_cache(maxsize=512)
def small_chip(number: int | None) -> SafeString:
    """A small chip with its meaning, of a code's number; None is no mark."""
    code = None if number is None else codes.by_number(number)
    meaning = code.short if code else "No mark"
    return mark_safe(  # noqa: S308  codes.py's own words
        f'<span class="app-code app-code--small app-code--{style(code)}" title="{escape(meaning)}">'
        f'{code.letter if code else ""}<span class="govuk-visually-hidden"> {escape(meaning)}</span></span>'
    )


@lru_cache(maxsize=16384)
def history(days: tuple[date, ...], numbers: tuple[int | None, ...]) -> SafeString:
    """The last school days in one line, two chips a day; a screen reader hears what is out of the ordinary only."""
    if not days:
        return SafeString()
    chips = [_bare_chip(number) for number in numbers]
    pairs = "".join(
        f'<span class="app-days__day" title="{day:%a %-d %b}">{chips[2 * n]}{chips[2 * n + 1]}</span>'
        for n, day in enumerate(days)
    )
    return mark_safe(  # noqa: S308
        f'<span class="app-days" role="img" aria-label="{escape(_in_words(days, numbers))}">{pairs}</span>'
    )


@lru_cache(maxsize=512)
def _bare_chip(number: int | None) -> str:
    code = None if number is None else codes.by_number(number)
    letter = code.letter if code else ""
    late = " app-code--late" if letter == "L" else ""
    return f'<span class="app-code app-code--small app-code--{style(code)}{late}">{letter}</span>'


def _in_words(days: Sequence[date], numbers: Sequence[int | None]) -> str:
    found = [None if number is None else codes.by_number(number) for number in numbers]
    exceptions = [
        f"{day:%A} {session} {code.short if code else 'no mark'}"
        for n, day in enumerate(days)
        for session, code in zip(Session, found[2 * n : 2 * n + 2], strict=True)
        if code is None or code.category is not Category.ATTENDING or code.letter == "L"
    ]
    return f"Last {len(days)} school days: {', '.join(exceptions) or 'present throughout'}"


# The palette


@lru_cache(maxsize=256)
def codes_and_keys(day: date, session: Session, rights: Rights) -> SafeString:
    """The codes this person may set, with their meanings, and what each key does."""
    return render_to_string("registers/_codes_and_keys.html", {"codes": taking.palette(day, session, rights)})


@lru_cache(maxsize=256)
def palette_json(day: date, session: Session, rights: Rights) -> SafeString:
    """The codes this person may set and how each looks, for the page's script."""
    return _json([_for_script(code) for code in taking.palette(day, session, rights)])


@lru_cache(maxsize=256)
def looks_json(day: date) -> SafeString:
    """How each code of the day that a mark can have looks, whoever set it."""
    marks = [code for code in codes.codes_in_force(day) if code.category is not codes.Category.ADMINISTRATIVE]
    return _json({code.letter: [style(code), code.short] for code in marks})


def _json(values: Any) -> SafeString:
    """For a script of the page, which `<` cannot end early."""
    return mark_safe(json.dumps(values, separators=(",", ":")).replace("<", "\\u003C"))  # noqa: S308


def _for_script(code: Code) -> dict[str, str | bool]:
    return {
        "letter": code.letter,
        "short": code.short,
        "meaning": code.meaning,
        "group": code.category.value,
        "asks": {MustRecord.NATURE: "What is the activity?", MustRecord.CAUSE: "What is the cause?"}.get(
            code.must_record, ""
        ),
        "late": code.letter in ("L", "U"),
    }
