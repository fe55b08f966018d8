"""The markup of letters: paragraphs, lists, bold, tables, headings, merge fields and conditions. Pure.

    # A heading          - a list            1. a numbered list        **bold**
    | a | table |        (a second row of dashes makes the first its head)
    {{percent}}          a merge field
    {{if times_late > 3}} ... {{else}} ... {{end}}        also {{if siblings}}, {{if not siblings}}

A text is parsed once into pieces with their places; a fault is a sentence that names line and column. Values are kept
apart from the markup until the end, so what they hold is only ever printed. No library reads markup with fields whose
faults carry their place, and one that knew HTML would have to be told to forget it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

from attendance_mis.promises import promised
from letters.fields import BLOCKS, Field, Kind, Unknown, is_empty, printed

LONGEST = 20_000  # characters: ten pages are the most that a letter may have
DEEPEST = 10  # conditions inside conditions

_TAG = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CONDITION = re.compile(r"(?:(not)\s+)?([a-z_][a-z0-9_]*)(?:\s*(<=|>=|<|>|=|!=)\s*([^\s{}][^{}]*))?\Z")
_NAME = re.compile(r"[a-z_][a-z0-9_]*\Z")
_FORBIDDEN = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f]")  # control characters, and what marks a value's place
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_VALUE = re.compile("\ue000(\\d+)\ue001")
# What no value brings along: control characters, marks of ours, and what turns the text after it around.
_UNPRINTED = re.compile("[\ue000-\uf8ff\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_COMPARED = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
NUMBERS = frozenset({Kind.NUMBER, Kind.DAYS, Kind.PERCENT})


class BrokenText(Exception):
    """A text that cannot be a letter. `faults` are sentences with their places."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


@dataclass(slots=True)
class _Condition:
    is_not: bool
    name: str
    compare: str
    other: str
    then: list[Any] = field(default_factory=list)
    otherwise: list[Any] = field(default_factory=list)
    at: int = 0
    in_else: bool = False


@dataclass(frozen=True, slots=True)
class _Merge:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A text without faults, with the names it merges or asks about."""

    pieces: list[Any]
    names: frozenset[str]
    needed: frozenset[str]
    fields: Mapping[str, Field]


def place(text: str, at: int) -> str:
    """Where in a text something stands, for a person: "line 3, column 14"."""
    line = text.count("\n", 0, at) + 1
    return f"line {line}, column {at - text.rfind(chr(10), 0, at)}"


def parse(text: str, fields: Mapping[str, Field]) -> Text:
    """The text, checked against the fields of its occasion. Raises BrokenText with every fault and its place."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > LONGEST:
        raise BrokenText([f"The text has {len(text)} characters; {LONGEST} are the most a letter may have."])
    faults: list[str] = []
    if odd := _FORBIDDEN.search(text):
        faults.append(f"A character that cannot be printed stands at {place(text, odd.start())}.")
    pieces: list[Any] = []
    stack: list[_Condition] = []
    names: set[str] = set()
    needed: set[str] = set()

    def add(piece: Any) -> None:
        if not stack:
            pieces.append(piece)
        elif stack[-1].in_else:
            stack[-1].otherwise.append(piece)
        else:
            stack[-1].then.append(piece)

    at = 0
    for tag in _TAG.finditer(text):
        add(text[at : tag.start()])
        at = tag.end()
        said, where = tag.group(1).strip(), place(text, tag.start())
        if said == "end":
            if stack:
                stack.pop()
            else:
                faults.append(f"{{{{end}}}} at {where} ends nothing: no {{{{if}}}} stands open before it.")
        elif said == "else":
            if stack and not stack[-1].in_else:
                stack[-1].in_else = True
            else:
                faults.append(f"{{{{else}}}} at {where} belongs to no {{{{if}}}}.")
        elif said == "if" or said.startswith("if "):
            condition = _condition(said[2:].strip(), where, fields, faults)
            condition.at = tag.start()
            if condition.name in fields:
                names.add(condition.name)
            add(condition)
            stack.append(condition)
            if len(stack) > DEEPEST:
                raise BrokenText([f"At {where} conditions stand more than {DEEPEST} deep in each other."])
        elif said in fields:
            names.add(said)
            guarded = any(c.name == said and not c.is_not and not c.in_else for c in stack)
            if not guarded:
                needed.add(said)
            if fields[said].kind in BLOCKS and not _stands_alone(text, tag):
                faults.append(
                    f"{{{{{said}}}}} at {where} is a {_NOUN[fields[said].kind]}: give it a paragraph of its own."
                )
            add(_Merge(said))
        else:
            faults.append(f"There is no field {said[:60]!r} for this letter ({where}).{_near(said, fields)}")
    add(text[at:])
    faults += [f"{{{{if}}}} at {place(text, c.at)} is never ended: write {{{{end}}}}." for c in stack]
    bare = _TAG.sub(lambda tag: " " * len(tag.group()), text)
    for brace in re.finditer(r"\{\{|\}\}", bare):
        faults.append(f"A field is not closed, or not opened, at {place(text, brace.start())}: write {{{{name}}}}.")
    if not text.strip():
        faults.append("The text is empty.")
    if faults:
        raise BrokenText(faults)
    return Text(pieces, frozenset(names), frozenset(needed), fields)


_NOUN = {Kind.ROWS: "table", Kind.LINES: "list"}


def _condition(said: str, where: str, fields: Mapping[str, Field], faults: list[str]) -> _Condition:
    match = _CONDITION.match(said)
    if not match:
        faults.append(f"The condition at {where} cannot be read: write {{{{if name}}}} or {{{{if name >= 5}}}}.")
        return _Condition(is_not=False, name="", compare="", other="")
    is_not, name, compare, other = match.groups()
    if name not in fields:
        faults.append(
            f"The condition at {where} asks about {name[:60]!r}, which this letter does not know.{_near(name, fields)}"
        )
    elif compare and fields[name].kind in NUMBERS:
        try:
            float(other)
        except ValueError:
            faults.append(f"The condition at {where} compares {name} with {other[:40]!r}, which is no number.")
    elif compare and compare not in ("=", "!="):
        faults.append(f"The condition at {where}: {name} is no number, only = and != compare it.")
    return _Condition(is_not=bool(is_not), name=name, compare=compare or "", other=(other or "").strip())


def _near(said: str, fields: Mapping[str, Field]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(said, fields, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


def _stands_alone(text: str, tag: re.Match[str]) -> bool:
    before = text[text.rfind("\n", 0, tag.start()) + 1 : tag.start()]
    end = text.find("\n", tag.end())
    after = text[tag.end() : end if end >= 0 else len(text)]
    return not _TAG.sub("", before).strip() and not _TAG.sub("", after).strip()


def missing(text: Text, values: Mapping[str, Any]) -> list[Field]:
    """The fields that the text prints with these values and that have no value, unless they may be empty."""
    gone: dict[str, Field] = {}
    for piece in _chosen(text.pieces, values, text.fields):
        if isinstance(piece, _Merge) and is_empty(values.get(piece.name)) and not text.fields[piece.name].optional:
            gone[piece.name] = text.fields[piece.name]
    return list(gone.values())


def as_html(text: Text, values: Mapping[str, Any], *, is_english: bool = True) -> str:
    """The text with its values as HTML. Whatever a value or the text holds, it makes no element but ours."""
    source, merged = _flat(text, values, is_english=is_english)
    return "\n".join(_blocks(source, merged))


def as_plain(text: Text, values: Mapping[str, Any], *, is_english: bool = True) -> str:
    """The text with its values for the plain part of an e-mail."""
    source, merged = _flat(text, values, is_english=is_english)

    def put(match: re.Match[str]) -> str:
        value = merged[int(match.group(1))].value
        if isinstance(value, str):
            return value
        return "\n".join(f"- {line}" if isinstance(line, str) else "  ".join(line) for line in value)

    lines = [line for line in source.split("\n") if not _is_rule(line)]
    plain = _VALUE.sub(put, _BOLD.sub(r"\1", "\n".join(re.sub(r"^#+ +", "", line) for line in lines)))
    return re.sub(r"\n{3,}", "\n\n", plain).strip() + "\n"


def _chosen(pieces: list[Any], values: Mapping[str, Any], fields: Mapping[str, Field]) -> Iterator[Any]:
    for piece in pieces:
        if isinstance(piece, _Condition):
            yield from _chosen(piece.then if _holds(piece, values, fields) else piece.otherwise, values, fields)
        else:
            yield piece


def _holds(condition: _Condition, values: Mapping[str, Any], fields: Mapping[str, Field]) -> bool:
    value = values.get(condition.name)
    if isinstance(value, Unknown):
        value = None
    if not condition.compare:
        return (not is_empty(value) and value != 0) is not condition.is_not
    if is_empty(value):
        return condition.is_not
    kind = fields[condition.name].kind
    if kind in NUMBERS:
        # DAYS are counted in sessions and compared in days.
        ours = float(promised(value)) / (2 if kind is Kind.DAYS else 1)
        found = _COMPARED[condition.compare](ours, float(condition.other))
    else:
        found = _COMPARED[condition.compare](str(value), condition.other)
    return found is not condition.is_not


@dataclass(frozen=True, slots=True)
class _Merged:
    """A value as it is printed: text, or the lines of a list, or the rows of a table."""

    kind: Kind
    value: str | list[Any]


def _flat(text: Text, values: Mapping[str, Any], *, is_english: bool) -> tuple[str, list[_Merged]]:
    """One string in which a number between two marks stands for each value."""
    merged: list[_Merged] = []
    parts = []
    for piece in _chosen(text.pieces, values, text.fields):
        if isinstance(piece, _Merge):
            parts.append(f"\ue000{len(merged)}\ue001")
            kind, value = text.fields[piece.name].kind, values.get(piece.name)
            if kind in BLOCKS:
                merged.append(_Merged(kind, _cleaned(value or [])))
            else:
                said = "" if is_empty(value) else printed(text.fields[piece.name], value, is_english=is_english)
                merged.append(_Merged(kind, _cleaned(said) if is_english else _isolated(_cleaned(said))))
        else:
            parts.append(piece)
    return "".join(parts), merged


def _cleaned(value: Any) -> Any:
    """A text, or the texts of a list or table, as they may be printed."""
    return [_cleaned(each) for each in value] if isinstance(value, list) else _UNPRINTED.sub("", str(value))


def _isolated(said: str) -> str:
    """Reads in its own direction, whichever way the words around it run: else a telephone number in an Arabic letter
    stands with its groups from back to front."""
    return f"\u2068{said}\u2069" if said else ""


def _blocks(source: str, merged: list[_Merged]) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", source):
        lines = [line.strip() for line in block.split("\n") if line.strip()]
        while lines:
            kind = _kind_of(lines[0], merged)
            taken = [lines.pop(0)]
            while lines and kind != "heading" and kind != "value" and _kind_of(lines[0], merged) == kind:
                taken.append(lines.pop(0))
            yield _block(kind, taken, merged)


def _kind_of(line: str, merged: list[_Merged]) -> str:
    if line.startswith("# "):
        return "heading"
    if line.startswith(("- ", "* ")):
        return "list"
    if re.match(r"\d{1,2}\. ", line):
        return "numbers"
    if line.startswith("|") and line.endswith("|") and len(line) > 1:
        return "table"
    alone = _VALUE.fullmatch(line)
    if alone and merged[int(alone.group(1))].kind in BLOCKS:
        return "value"
    return "paragraph"


def _block(kind: str, lines: list[str], merged: list[_Merged]) -> str:
    match kind:
        case "heading":
            return f"<h2>{_inline(lines[0][2:], merged)}</h2>"
        case "list":
            return f"<ul>{''.join(f'<li>{_inline(line[2:], merged)}</li>' for line in lines)}</ul>"
        case "numbers":
            items = (line.split(". ", 1)[1] for line in lines)
            return f"<ol>{''.join(f'<li>{_inline(item, merged)}</li>' for item in items)}</ol>"
        case "table":
            return _table(lines, merged)
        case "value":
            [match] = _VALUE.finditer(lines[0])
            return _value_block(merged[int(match.group(1))])
    return f"<p>{'<br>'.join(_inline(line, merged) for line in lines)}</p>"


def _is_rule(line: str) -> bool:
    return bool(re.fullmatch(r"\|[\s:|-]+\|", line.strip())) and "-" in line


def _table(lines: list[str], merged: list[_Merged]) -> str:
    rows = [
        [_inline(cell.strip(), merged) for cell in line.strip("|").split("|")] for line in lines if not _is_rule(line)
    ]
    return _rows(rows, has_head=len(lines) > 1 and _is_rule(lines[1]))


def _rows(rows: list[list[str]], *, has_head: bool) -> str:
    width = max((len(row) for row in rows), default=0)
    filled = [row + [""] * (width - len(row)) for row in rows]
    head = "".join(f'<th scope="col">{cell}</th>' for cell in filled.pop(0)) if has_head else ""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in filled)
    return f"<table>{f'<thead><tr>{head}</tr></thead>' if head else ''}<tbody>{body}</tbody></table>"


def _value_block(merged: _Merged) -> str:
    if not merged.value:
        return ""
    if merged.kind is Kind.LINES:
        return f"<ul>{''.join(f'<li>{escape(str(line))}</li>' for line in merged.value)}</ul>"
    return _rows([[escape(str(cell)) for cell in row] for row in merged.value], has_head=True)


def _inline(line: str, merged: list[_Merged]) -> str:
    def put(match: re.Match[str]) -> str:
        return escape(str(merged[int(match.group(1))].value)).replace("\n", "<br>")

    return _VALUE.sub(put, _BOLD.sub(r"<b>\1</b>", escape(line)))
