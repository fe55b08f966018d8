"""How one pupil attends over a range of days, from the marks: the figures of a case and its plans."""

from datetime import date, timedelta

from registers.attendance import Summary, summarise
from registers.calendar_rules import Session, academic_year_bounds, academic_year_of
from registers.models import Mark, Pupil, SchoolDay


def expected_of(pupil: Pupil, first: date, last: date) -> list[tuple[date, Session]]:
    """The school's sessions from `first` to `last` on the days the pupil was on roll. Two queries."""
    spells = list(pupil.registrations.values_list("admission_date", "leaving_date"))
    days = SchoolDay.objects.filter(school=pupil.school_id, day__range=(first, last)).values_list("day", "am", "pm")
    return [
        (day, session)
        for day, am, pm in days
        if any(start <= day and (end is None or day <= end) for start, end in spells)
        for session, held in ((Session.AM, am), (Session.PM, pm))
        if held
    ]


def summary_of(pupil: Pupil, first: date, last: date) -> Summary:
    """The pupil's counts from `first` to `last`, on the days on roll. Three queries."""
    expected = expected_of(pupil, first, last)
    marks = Mark.objects.filter(school=pupil.school_id, pupil=pupil, day__range=(first, last))
    rows = [(day, Session(session), code) for day, session, code in marks.values_list("day", "session", "code")]
    return summarise(rows, expected, (pupil.compulsory_from, pupil.compulsory_until))


def this_year(pupil: Pupil, on: date) -> Summary:
    """From the first day of the academic year to `on`."""
    return summary_of(pupil, academic_year_bounds(academic_year_of(on))[0], on)


def sessions_left(pupil: Pupil, after: date, until: date) -> int:
    """The school's sessions after a day, up to and including another."""
    ahead = SchoolDay.objects.filter(school=pupil.school_id, day__gt=after, day__lte=until)
    return sum(am + pm for am, pm in ahead.values_list("am", "pm"))


def same_time_before(pupil: Pupil, first: date, last: date) -> tuple[date, date]:
    """As many school days before `first` as there are from `first` to `last`: what before-and-after compares."""
    days = SchoolDay.objects.filter(school=pupil.school_id)
    count = days.filter(day__range=(first, last)).count()
    earlier = list(days.filter(day__lt=first).order_by("-day").values_list("day", flat=True)[:count])
    return (earlier[-1] if earlier else first, first - timedelta(days=1))
