"""Write the calendar of a pack through the action that every change of it takes."""

from attendance_mis.actors import Actor
from attendance_mis.models import School
from registers.actions.calendar import calendar_change, set_calendar
from registers.actions.importing.report import Report
from registers.calendar_rules import Period
from registers.models import CalendarEntry
from registers.pack.calendar import CALENDAR_CSV, Calendar
from registers.pack.faults import Faults


def standing() -> list[Period]:
    """The periods of the school in scope."""
    return [entry.period for entry in CalendarEntry.objects.all()]


def check_stranded(dates: Calendar, faults: Faults) -> None:
    """Marks of the school that the pack's calendar would leave without their session."""
    if dates.added or dates.removed:
        for (day, session), count in calendar_change(add=dates.added, remove=dates.removed).stranded:
            sentence = f"{count} marks stand in the {session} of {day}, which would be no session any more"
            faults.add(CALENDAR_CSV, sentence)


def put(held: School, dates: Calendar, by: Actor, report: Report) -> None:
    """Write the periods that are new or changed."""
    tally = report.tally("calendar")
    tally.changed = min(len(dates.added), len(dates.removed))
    tally.new = len(dates.added) - tally.changed
    tally.same = len(dates.new) - len(dates.added)
    for period in dates.left:
        tally.leave(str(period))
    if dates.added or dates.removed:
        set_calendar(school=held, by=by, add=dates.added, remove=dates.removed)
