"""The dashboard as a file: the rows a person sees, as CSV or as a spreadsheet."""

from collections.abc import Iterable

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
