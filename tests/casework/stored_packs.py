"""The packs of ../shared/examples as rows of the database: what SQL must count as the pure modules do."""

from datetime import date, datetime

from attendance_mis.models import School
from casework.measures import PupilFacts
from registers import calendar_rules
from registers.calendar_rules import Period
from registers.models import CalendarEntry, Mark, PolicyVersion, Pupil, Registration, SchoolDay
from tests import factories
from tests.casework.packs import Pack, policy_table

STORED_AT = datetime(2024, 9, 1, tzinfo=factories.LONDON)


def store(school: School, pack: Pack) -> dict[str, Pupil]:
    """The pack's calendar, pupils and marks in this school, which must be in scope."""
    store_calendar(school, pack.periods)
    return {upn: store_pupil(school, upn, facts) for upn, facts in pack.pupils.items()}


def store_calendar(school: School, periods: tuple[Period, ...]) -> None:
    CalendarEntry.objects.bulk_create(
        CalendarEntry(
            school=school,
            start=p.start,
            end=p.end,
            kind=p.kind,
            label=p.label,
            session=p.session.name if p.session else "",
        )
        for p in periods
    )
    SchoolDay.objects.bulk_create(
        SchoolDay(school=school, day=d.day, am=d.am, pm=d.pm, half_term=d.half_term, academic_year=d.academic_year)
        for d in calendar_rules.school_days(periods)
    )


def store_pupil(school: School, upn: str, facts: PupilFacts) -> Pupil:
    pupil = factories.PupilFactory(
        school=school,
        upn=upn,
        compulsory_from=facts.compulsory[0],
        compulsory_until=facts.compulsory[1],
        vulnerable=facts.vulnerable,
    )
    Registration.objects.bulk_create(
        Registration(school=school, pupil=pupil, admission_date=start, leaving_date=end) for start, end in facts.spells
    )
    Mark.objects.bulk_create(
        Mark(school=school, pupil=pupil, day=day, session=session, code=code, entry_id=0)
        for day, session, code in facts.marks
    )
    return pupil


def set_policy(school: School, name: str, policy: str, in_force_from: date | None = None) -> PolicyVersion:
    return PolicyVersion.objects.create(
        school=school,
        in_force_from=in_force_from,
        document=policy_table(name, policy),
        changed_at=STORED_AT,
        changed_by="Import",
    )
