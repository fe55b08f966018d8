"""A table as a file that a spreadsheet opens: CSV or XLSX."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte-order mark, which a spreadsheet needs to read names right; formulas are made harmless."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([_harmless(cell) for cell in line] for line in [header, *lines])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(header: Sequence[str], lines: Iterable[Sequence[object]], *, sheet: str) -> bytes:
    """A workbook with one sheet of this name, its head and first column held; text is text, never a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "default_date_format": "yyyy-mm-dd"}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        page = book.add_worksheet(sheet)
        page.freeze_panes(1, 1)
        for number, line in enumerate([header, *lines]):
            page.write_row(number, 0, ["" if cell is None else cell for cell in line])
        page.autofit()
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
