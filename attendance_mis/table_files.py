"""A table of a page as the lines of a file: what is shown, and nothing else.

Pure. A page is read as it was printed, so a file can hold no number, no name and no column that its page does not.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import html

Cell = str | Decimal
NOT_TEXT = frozenset({"button", "form", "input", "option", "script", "select", "style", "svg", "textarea"})
NOTHING = ("–", "-")  # what a page prints where there is no number
_NUMBER = re.compile(r"[+−-]?\d{1,3}(,\d{3})*(\.\d+)?|[+−-]?\d+(\.\d+)?")
_PERCENT = re.compile(r"([+−-]?[\d,.]+) ?%")


@dataclass(frozen=True, slots=True)
class PrintedTable:
    """`lines` have as many cells as `head`; a cell of a column of numbers is a number where it is one."""

    head: list[str]
    lines: list[list[Cell]]


@dataclass(frozen=True, slots=True)
class _Printed:
    text: str
    is_number: bool


def table_of(page: str, table_id: str) -> PrintedTable | None:
    """The table of this id as a page shows it; None when the page has none.

    A heading over some of the rows becomes a first column of its own. Columns that hold only buttons, and are empty
    without them, are left out; a column of percentages says so in its head and holds numbers.
    """
    found = next((each for each in html.fromstring(page).iter("table") if each.get("id") == table_id), None)
    if found is None:
        return None
    rows = list(_rows(found))
    heads = [cells for part, cells in rows if part == "thead"]
    head = [_one_line(" ".join(dict.fromkeys(each.text for each in column))) for column in zip(*heads, strict=False)]
    width = max((len(cells) for _, cells in rows), default=0)
    over, lines = "", []
    for part, cells in rows:
        if part == "thead":
            continue
        if len(cells) == 1 < width:
            over = cells[0].text
        else:
            lines.append([_Printed(over, is_number=False), *cells])
    head = ["", *head, *[""] * (width - len(head))]
    columns = [
        (name, cells) for name, *cells in zip(head, *(_filled(line, width + 1) for line in lines), strict=True)
        if any(cell.text for cell in cells) or (name and not lines)
    ]  # fmt: skip
    read = [_column(name, cells) for name, cells in columns]
    return PrintedTable([name for name, _ in read], [list(line) for line in zip(*(c for _, c in read), strict=True)])


def _filled(line: list[_Printed], width: int) -> list[_Printed]:
    return line + [_Printed("", is_number=False)] * (width - len(line))


def _column(name: str, cells: list[_Printed]) -> tuple[str, list[Cell]]:
    if not all(cell.is_number for cell in cells):
        return name, [cell.text for cell in cells]
    texts = ["" if cell.text in NOTHING else cell.text for cell in cells]
    shares = [_PERCENT.fullmatch(text) for text in texts]
    if any(shares) and all(share or not re.search(r"\d", text) for share, text in zip(shares, texts, strict=True)):
        texts = [share[1] if share else text for share, text in zip(shares, texts, strict=True)]
        name = name if "%" in name else f"{name}, %"
    return name, [_number(text) for text in texts]


def _number(text: str) -> Cell:
    return Decimal(text.replace(",", "").replace("−", "-")) if _NUMBER.fullmatch(text) else text


def _rows(table: Any) -> Iterator[tuple[str, list[_Printed]]]:
    """Each row with the part of the table it stands in; a cell over several columns of the head is said in each."""
    below: dict[int, tuple[int, _Printed]] = {}  # column: how many rows more a cell of it reaches down
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is not table:
            continue
        part = row.getparent().tag
        cells: list[_Printed] = []
        for cell in row.iterchildren("td", "th"):
            _reach_down(below, cells)
            printed = _Printed(_text(cell), "app-num" in cell.get("class", "").split())
            wide = int(cell.get("colspan", 1)) if part == "thead" else 1
            if int(cell.get("rowspan", 1)) > 1:
                below |= {len(cells) + n: (int(cell.get("rowspan")) - 1, printed) for n in range(wide)}
            cells += [printed] * wide
        _reach_down(below, cells)
        yield part, cells


def _reach_down(below: dict[int, tuple[int, _Printed]], cells: list[_Printed]) -> None:
    while (at := len(cells)) in below:
        left, printed = below.pop(at)
        cells.append(printed)
        if left > 1:
            below[at] = (left - 1, printed)


def _text(cell: Any) -> str:
    return _one_line("".join(_pieces(cell)))


def _one_line(text: str) -> str:
    parts = (" ".join(part.split()) for part in text.split("\n"))
    return "; ".join(part for part in parts if part)


def _pieces(node: Any, *, in_link: bool = False) -> Iterable[str]:
    """The words of a node; what only a screen reader hears is said too, except where it explains a link."""
    yield _spaced(node.text)
    for child in node:
        hidden = "govuk-visually-hidden" in child.get("class", "").split() if isinstance(child.tag, str) else True
        if isinstance(child.tag, str) and child.tag not in NOT_TEXT and not (hidden and in_link):
            is_block = child.tag in ("br", "div", "li", "p", "ul")
            yield "\n" if is_block else ""
            yield from _pieces(child, in_link=in_link or child.tag == "a")
            yield "\n" if is_block else ""
        yield _spaced(child.tail)


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")
