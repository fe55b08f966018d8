"""The dashboard as a file: the rows a person sees, as CSV or as a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

import xlsxwriter

from casework.dashboard import PupilRow

HEADER = [
    "upn", "surname", "forename", "year", "class", "ladder", "step", "since", "reason", "days_missed",
    "attendance_percent", "change_in_days", "change_in_percent", "next_action", "due", "owner", "to_decide",
]  # fmt: skip


def lines(rows: Iterable[PupilRow]) -> list[list[object]]:
    """One line a pupil and ladder."""
    return [
        [
            row.pupil.upn, row.pupil.surname, row.pupil.forename, row.pupil.year_group, row.class_name,
            standing.ladder, standing.step, standing.since, standing.reason, row.days_missed, row.percent,
            row.change_in_days, row.change_in_percent, row.next_task.title if row.next_task else "",
            row.next_task.due if row.next_task else "", row.next_task.owner if row.next_task else standing.owner,
            len(row.proposals),
        ]
        for row in rows
        for standing in row.standings
    ]  # fmt: skip


def as_csv(lines: Sequence[Sequence[object]]) -> bytes:
    """UTF-8 with a byte-order mark, which a spreadsheet needs to read names right; formulas are made harmless."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows([HEADER, *([_harmless(cell) for cell in line] for line in lines)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Sequence[Sequence[object]]) -> bytes:
    """A workbook with one sheet; text is text, never a formula."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "default_date_format": "yyyy-mm-dd"}  # fmt: skip
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Escalations")
        sheet.freeze_panes(1, 3)
        for number, line in enumerate([HEADER, *lines]):
            sheet.write_row(number, 0, ["" if cell is None else cell for cell in line])
        sheet.autofit()
    return out.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
