"""marks.csv and amendments.csv as they stream past: each row judged, and turned into a line for COPY.

What stands after the UPN is right or wrong for every pupil alike, and a school has few such lines, so each is judged
once by the rules of `codes` and looked up for the other millions of rows. What remains per row is the pupil: whether
she is on roll, of what age, and whether the session was marked before. Memory does not grow with the file.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from registers import codes
from registers.calendar_rules import Session
from registers.pack import columns, files
from registers.pack.calendar import Calendar
from registers.pack.faults import Faults
from registers.pack.people import Roll
from registers.pack.tables import Progress, Table, open_table
from registers.upn import why_not_upn

MARKS_CSV, AMENDMENTS_CSV = "marks.csv", "amendments.csv"
ROWS_PER_WRITE = 5_000
# Marks of one session, moment and author are one save. So many are remembered; of a file with a moment of its own for
# every mark the rest are saves of one mark, and memory stays flat.
SAVES_REMEMBERED = 250_000
TAILS_REMEMBERED = 250_000
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
_NULL = r"\N"

Sentences = list[tuple[str, str]]  # column, what is wrong


@dataclass(frozen=True, slots=True)
class Ground:
    """What marks are judged by. A calendar or roll that is itself faulty judges nothing."""

    calendar: Calendar | None
    rolls: Mapping[str, Roll] | None
    zone: ZoneInfo
    today: date


@dataclass(slots=True)
class _Verdict:
    """What is to be said of (date, session, code) whoever the pupil is; `index` is the session's in the calendar."""

    day: date = date.min
    session: Session | None = None
    code: codes.Code | None = None
    index: int = -1
    sentences: Sentences = field(default_factory=list)

    @property
    def line(self) -> str:
        """The middle of the line for COPY."""
        if self.session is None or self.code is None:
            return ""
        return f"{self.day}\t{int(self.session)}\t{self.code.number}\t"


@dataclass(slots=True)
class _Pupil:
    """One pupil while her marks stream past: `seen` has a byte per session of the calendar.

    `first` and `last` are the sessions of her time on roll; somebody with several spells has none and is looked at row
    by row.
    """

    roll: Roll
    start: str
    first: int
    last: int
    seen: bytearray


def mark_lines(
    folder: Path, ground: Ground, faults: Faults, progress: Progress, counted: dict[str, int]
) -> Iterator[str]:
    """Lines for COPY, many at a time: pupil_id, day, session, code, save, minutes_late, note, taken_at, taken_by."""
    with open_table(folder, MARKS_CSV, files.MARKS, files.MARKS_REQUIRED, faults) as table:
        if table is not None:
            yield from _mark_lines(table, ground, faults, progress, counted)


def _mark_lines(
    table: Table, ground: Ground, faults: Faults, progress: Progress, counted: dict[str, int]
) -> Iterator[str]:
    place = {name: index for index, name in enumerate(table.header)}
    key_of = itemgetter(*(place[name] for name in ("date", "session", "code")))
    # A column that the file lacks is read from the empty value put at the end of each row.
    rest_of = itemgetter(*(place.get(name, -1) for name in files.MARKS[4:]))
    upn_at = place["upn"]
    verdicts: dict[tuple[str, str, str], _Verdict] = {}
    pupils, saves = _pupils(ground), _Saves(len(ground.calendar.sessions) if ground.calendar else 0)
    # What stands after the UPN and was found right for anybody: its session, and the line for COPY after the pupil.
    tails: dict[str, tuple[int, str]] = {}
    lines: list[str] = []
    rows = 0
    for line_number, line in table.lines():
        if len(lines) >= ROWS_PER_WRITE:
            yield "".join(lines)
            lines.clear()
            progress(table.name, table.read_bytes(), table.size)
        upn, _, tail = line.partition(",")
        known, pupil = tails.get(tail), pupils.get(upn)
        if known is not None and pupil is not None:
            index, ending = known
            if pupil.first <= index <= pupil.last and not pupil.seen[index]:
                pupil.seen[index] = 1
                lines.append(pupil.start + ending)
                rows += 1
                continue
        row = table.row(line)
        if row is None:
            continue
        rows += 1
        row.append("")
        key, rest, pupil = key_of(row), rest_of(row), pupils.get(row[upn_at])
        verdict = verdicts.get(key) or _judge(key, ground)
        values, wrong = _rest(rest, ground.zone)
        sentences = [*verdict.sentences, *_of_pupil(pupil, row[upn_at], verdict, ground), *wrong]
        for column, sentence in sentences:
            faults.add(table.name, sentence, line=line_number, column=column)
        if sentences or pupil is None or verdict.code is None:
            continue
        verdicts[key] = verdict
        ending = "\t".join([f"{verdict.line}{saves.number(verdict.index, *values[2:])}", *values]) + "\n"
        lines.append(pupil.start + ending)
        is_for_anybody = upn_at == 0 and verdict.code.letter != "X" and not rest[1] and '"' not in line
        if is_for_anybody and len(tails) < TAILS_REMEMBERED:
            tails[tail] = verdict.index, ending
    counted[table.name] = rows
    yield "".join(lines)
    progress(table.name, table.size, table.size)


class _Saves:
    """Numbers the saves: the sessions first, then each session with a moment or an author of its own."""

    def __init__(self, sessions: int) -> None:
        self._next = sessions
        self._known: dict[tuple[int, str, str], int] = {}

    def number(self, index: int, taken_at: str, taken_by: str) -> int:
        if taken_at == taken_by == _NULL:
            return index
        key = (index, taken_at, taken_by)
        if (save := self._known.get(key)) is None:
            save, self._next = self._next, self._next + 1
            if len(self._known) < SAVES_REMEMBERED:
                self._known[key] = save
        return save


def _pupils(ground: Ground) -> dict[str, _Pupil]:
    days = [day for day, _ in ground.calendar.sessions] if ground.calendar else []
    pupils = {}
    for upn, roll in (ground.rolls or {}).items():
        first, last = 0, -1
        if len(roll.spells) == 1:
            first, last = bisect_left(days, roll.spells[0][0]), bisect_right(days, roll.spells[0][1]) - 1
        pupils[upn] = _Pupil(roll, f"{roll.pupil_id}\t", first, last, bytearray(len(days)))
    return pupils


def _judge(key: tuple[str, str, str], ground: Ground) -> _Verdict:
    verdict = _Verdict()
    try:
        verdict.session = columns.session(key[1])
    except ValueError as error:
        verdict.sentences.append(("session", str(error)))
    try:
        verdict.day = columns.day(key[0])
    except ValueError as error:
        verdict.sentences.append(("date", str(error)))
        return verdict
    day, session = verdict.day, verdict.session
    if day > ground.today:
        verdict.sentences.append(("date", f"{day} is in the future"))
    elif session and ground.calendar:
        verdict.index = ground.calendar.sessions.get((day, session), -1)
        if verdict.index < 0:
            verdict.sentences.append(("date", ground.calendar.why_not_session(day, session)))
    try:
        verdict.code = codes.code_for(key[2], day)
    except (codes.UnknownCode, codes.NotInForce) as error:
        verdict.sentences.append(("code", str(error)))
        return verdict
    if session:
        reasons = codes.why_not_code(verdict.code, day=day, session=session, compulsory_age=False, by_hand=False)
        verdict.sentences += [("code", reason) for reason in reasons]
    return verdict


def _unknown_pupil(upn: str, ground: Ground) -> Sentences:
    if ground.rolls is None:
        return []
    return [("upn", why_not_upn(upn) or "no such pupil in pupils.csv")]


def _of_pupil(pupil: _Pupil | None, upn: str, verdict: _Verdict, ground: Ground) -> Sentences:
    """What is wrong with a mark because of whose it is; notes that the session is marked."""
    if pupil is None:
        return _unknown_pupil(upn, ground)
    sentences: Sentences = []
    day, session, code, roll = verdict.day, verdict.session, verdict.code, pupil.roll
    if verdict.index >= 0:
        if pupil.seen[verdict.index]:
            sentences.append(("session", f"the {session} of {day} stands in the file twice"))
        pupil.seen[verdict.index] = 1
    if roll.is_faulty or day == date.min:
        return sentences
    if not roll.on_roll(day):
        return [*sentences, ("date", _off_roll(day, roll))]
    if code and session and code.letter == "X" and roll.compulsory[0] <= day <= roll.compulsory[1]:
        reasons = codes.why_not_code(code, day=day, session=session, compulsory_age=True, by_hand=False)
        sentences += [("code", reason) for reason in reasons]
    return sentences


def _off_roll(day: date, roll: Roll) -> str:
    first, last = roll.spells[0][0], roll.spells[-1][1]
    if day < first:
        return f"{day} is before the pupil's admission, {first}"
    if day > last:
        return f"{day} is after the pupil's last day on roll, {last}"
    return f"{day} is between two spells of the pupil, when she was not on roll"


_minutes_late = columns.number(0, 600)
_note, _taken_by = columns.text(files.NOTE_LENGTH), columns.text(100)


def _rest(rest: tuple[str, str, str, str], zone: ZoneInfo) -> tuple[list[str], Sentences]:
    """Minutes late, note, and when and by whom the mark was made, as COPY takes them."""
    values: list[str] = []
    sentences: Sentences = []
    for name, value, read in zip(
        files.MARKS[4:], rest, (_minutes_late, _note, columns.moment(zone), _taken_by), strict=True
    ):
        try:
            values.append(str(read(value)).translate(_ESCAPES) if value else _NULL)
        except ValueError as error:
            sentences.append((name, str(error)))
    return values, sentences


def amendment_lines(
    folder: Path, ground: Ground, faults: Faults, progress: Progress, counted: dict[str, int]
) -> Iterator[str]:
    """Lines for COPY into (n, pupil_id, day, session, original, amended, reason, at, name, position), each a row."""
    required = files.AMENDMENTS_REQUIRED
    with open_table(folder, AMENDMENTS_CSV, files.AMENDMENTS, required, faults, optional=True) as table:
        if table is None:
            return
        counted[table.name] = 0
        for line_number, row in table.rows():
            counted[table.name] += 1
            values = dict(zip(table.header, row, strict=True))
            line, sentences = _amendment(values, ground)
            for column, sentence in sentences:
                faults.add(table.name, sentence, line=line_number, column=column)
            if line and not sentences:
                yield f"{line_number}\t{line}\n"
            if counted[table.name] % ROWS_PER_WRITE == 0:
                progress(table.name, table.read_bytes(), table.size)


def _code_on(day: date, letter: str) -> codes.Code:
    return codes.code_for(letter, day)


_reason, _name = columns.text(500), columns.text(100)


def _amendment(values: Mapping[str, str], ground: Ground) -> tuple[str, Sentences]:
    found: dict[str, Any] = {}
    sentences: Sentences = []

    def read(name: str, parse, *, required: bool = True) -> None:  # type: ignore[no-untyped-def]
        try:
            value = values.get(name, "")
            if required and not value:
                raise ValueError("is empty")
            found[name] = parse(value) if value else None
        except ValueError as error:
            sentences.append((name, str(error)))

    read("date", columns.day)
    read("session", columns.session)
    read("reason", _reason, required=False)
    read("at", columns.moment(ground.zone))
    read("name", _name, required=False)
    read("position", _name, required=False)
    day = found.get("date")
    if isinstance(day, date):
        for name in ("original", "amended"):
            read(name, partial(_code_on, day), required=False)
    if values.get("original") == values.get("amended") == "":
        sentences.append(("amended", "the original and the amended entry are both empty"))
    roll = (ground.rolls or {}).get(values["upn"])
    if roll is None:
        sentences += _unknown_pupil(values["upn"], ground)
    if sentences or roll is None:
        return "", sentences
    numbers = [str(code.number) if isinstance(code := found[k], codes.Code) else _NULL for k in ("original", "amended")]
    words = [str(found[k] or "").translate(_ESCAPES) for k in ("reason", "at", "name", "position")]
    start = [str(roll.pupil_id), str(day), str(int(found["session"]))]  # type: ignore[call-overload]
    return "\t".join([*start, *numbers, *words]), []
