"""Read a CSV file that anybody may have sent: every row with the line it begins on, every fault with its place."""

import codecs
import csv
import io
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from registers.pack.columns import Column
from registers.pack.faults import Faults

LINE_LIMIT = 1_000_000
BLOCK = 1 << 20
Progress = Callable[[str, int, int], None]  # file, bytes read, bytes in all


@dataclass(slots=True)
class Row:
    """One row as values by column name. A value that is empty or wrong is None, a wrong one stands in
    `wrong`. Only columns of the file are there.
    """

    line: int
    values: dict[str, Any]
    wrong: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)


@dataclass(slots=True)
class Table:
    """An open CSV file after its header."""

    name: str
    header: list[str]
    faults: Faults
    size: int
    _lines: Iterator[str]
    _file: BinaryIO
    _number: int

    def read_bytes(self) -> int:
        """How far the file has been read."""
        return self._file.tell()

    def lines(self) -> Iterator[tuple[int, str]]:
        """The lines as they stand, with their numbers; `row` reads the row that begins with the one just given."""
        for line in self._lines:
            self._number += 1
            yield self._number, line

    def row(self, line: str) -> list[str] | None:
        """The values of the row that begins with this line and may go on in the next ones.

        None for a blank line and for a broken row, which is a fault.
        """
        begun, reader = self._number, csv.reader(chain([line], self._lines), strict=True)
        try:
            values = next(reader)
        except csv.Error as error:
            self.faults.add(self.name, _quotes_sentence(error), line=begun)
            if "field limit" in str(error):
                for _ in self._lines:  # it was inside the value: nothing said of it would be true
                    pass
            return None
        finally:
            self._number += reader.line_num - 1
        if values and len(values) != len(self.header):
            self.faults.add(self.name, f"has {len(values)} values; the header has {len(self.header)}", line=begun)
            return None
        return values or None

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """The line a row begins on, and its values in the order of the header."""
        for number, line in self.lines():
            if values := self.row(line):
                yield number, values


def _quotes_sentence(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a value is longer than {csv.field_size_limit():,} characters; is a closing quote missing?"
    if "end of data" in str(error):
        return "a quote is opened and never closed"
    return 'the quotes are broken; put the value in quotes and write each quote inside it twice ("")'


@contextmanager
def open_table(
    folder: Path, name: str, known: Sequence[str], required: Sequence[str], faults: Faults, *, optional: bool = False
) -> Iterator[Table | None]:
    """Open a file of the pack and check its header; None when it is missing or its header is no use."""
    path = folder / name
    if not path.is_file():
        if not optional:
            faults.add(name, "the file is missing")
        yield None
        return
    with path.open("rb") as file:
        lines = _lines(file, name, faults)
        reader = csv.reader(lines, strict=True)
        try:
            header = next(reader, [])
        except csv.Error as error:
            faults.add(name, _quotes_sentence(error), line=1)
            yield None
            return
        usable = _check_header(header, name, known, required, faults)
        size = os.fstat(file.fileno()).st_size
        yield Table(name, header, faults, size, lines, file, reader.line_num) if usable else None


def _check_header(header: list[str], name: str, known: Sequence[str], required: Sequence[str], faults: Faults) -> bool:
    before = faults.count
    if not header:
        faults.add(name, f"the file is empty; its first line names the columns {', '.join(known)}", line=1)
    for column in dict.fromkeys(header):
        if column not in known:
            faults.add(name, f"unknown column; the columns are {', '.join(known)}", line=1, column=column or "''")
        elif header.count(column) > 1:
            faults.add(name, "the column stands here twice", line=1, column=column)
    for column in required if header else ():
        if column not in header:
            faults.add(name, "the column is missing", line=1, column=column)
    return faults.count == before


def _lines(file: BinaryIO, name: str, faults: Faults) -> Iterator[str]:
    """The lines of a file, whatever it is, read in blocks of whole lines.

    A line that is no text or far too long is a fault and comes out without what is wrong with it.
    """
    before = 0
    file.seek(3 if file.read(3) == codecs.BOM_UTF8 else 0)
    while block := file.read(BLOCK):
        if not block.endswith(b"\n"):
            block += file.readline(LINE_LIMIT)
        is_whole = block.endswith(b"\n") or not file.peek(1)  # type: ignore[attr-defined]
        try:
            text = block.decode() if is_whole and b"\0" not in block else ""
        except UnicodeDecodeError:
            text = ""
        if text:
            yield from io.StringIO(text, newline="")
        else:
            for number, line in enumerate(block.splitlines(keepends=True), before + 1):
                yield _mended(line, number, name, faults)
        before += block.count(b"\n")
        if not is_whole:
            faults.add(name, f"the line is longer than {LINE_LIMIT:,} characters", line=before + 1)
            while (rest := file.readline(BLOCK)) and not rest.endswith(b"\n"):
                pass
            before += 1


def _mended(line: bytes, number: int, name: str, faults: Faults) -> str:
    """One line as text, its faults noted."""
    if len(line) >= LINE_LIMIT:
        return "\n"
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        place = len(line[: error.start].decode()) + 1
        sentence = f"character {place} is byte 0x{line[error.start]:02X}, which is not UTF-8; save the file as UTF-8"
        faults.add(name, sentence, line=number)
        text = line.decode(errors="replace")
    if "\0" in text:
        faults.add(name, f"character {text.index(chr(0)) + 1} is a NUL byte; remove it", line=number)
        text = text.replace("\0", "")
    return text


def read_rows(
    folder: Path, name: str, columns: Sequence[Column], faults: Faults, *, optional: bool = False
) -> list[Row] | None:
    """All rows of a file that fits in memory, parsed; None when the file is not there or its header is no use."""
    known, required = [c.name for c in columns], [c.name for c in columns if c.required]
    with open_table(folder, name, known, required, faults, optional=optional) as table:
        if table is None:
            return None
        by_name = {column.name: column for column in columns}
        in_order = [by_name[name] for name in table.header]
        return [_parse(table, line, values, in_order) for line, values in table.rows()]


def _parse(table: Table, line: int, values: list[str], columns: Sequence[Column]) -> Row:
    row = Row(line, {})
    for column, value in zip(columns, values, strict=True):
        row.values[column.name] = None
        try:
            if value:
                row.values[column.name] = column.parse(value)
            elif column.required:
                raise ValueError("is empty")
        except ValueError as error:
            row.wrong[column.name] = value
            table.faults.add(table.name, str(error), line=line, column=column.name)
    return row
