"""A table as a file: CSV for any program, or a spreadsheet."""

import csv
import io
from collections.abc import Sequence

import xlsxwriter
from django.http import Http404, HttpResponse

Table = tuple[Sequence[str], Sequence[Sequence[object]]]


def as_csv(table: Table) -> bytes:
    """UTF-8 with a byte-order mark, which a spreadsheet needs to read names right; formulas are made harmless."""
    head, rows = table
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([head, *([_harmless(cell) for cell in row] for row in rows)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(table: Table) -> bytes:
    """A workbook with one sheet; text is text, never a formula."""
    head, rows = table
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "default_date_format": "yyyy-mm-dd"}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Figures")
        sheet.freeze_panes(1, 1)
        for number, row in enumerate([head, *rows]):
            sheet.write_row(number, 0, ["" if cell is None else cell for cell in row])
        sheet.autofit()
    return out.getvalue()


_WRITERS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def file_of(kind: str, name: str, table: Table) -> HttpResponse:
    """The table as a file to keep; 404 for a kind that there is not."""
    if kind not in _WRITERS:
        raise Http404
    write, content_type = _WRITERS[kind]
    answer = HttpResponse(write(table), content_type=content_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
