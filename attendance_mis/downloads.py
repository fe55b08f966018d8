"""A table as a file to keep, for the pages that offer one."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse

from attendance_mis.spreadsheets import XLSX, as_csv, as_xlsx

CSV = "text/csv; charset=utf-8"
KINDS = ("csv", "xlsx")
Table = tuple[Sequence[str], Sequence[Sequence[object]]]
"""The header, and the lines below it."""


def file_of(kind: str, name: str, table: Table, *, sheet: str = "Table") -> HttpResponse:
    """The table as CSV or as a workbook with one sheet; 404 for a kind that there is not."""
    if kind not in KINDS:
        raise Http404
    content = as_csv(*table) if kind == "csv" else as_xlsx(*table, sheet=sheet)
    answer = HttpResponse(content, content_type=CSV if kind == "csv" else XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return answer
