"""One question, all its figures: pupils of a range of days and groups, the year before and what to compare with."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from attendance_mis.models import School
from attendance_mis.promises import promised
from registers.attendance import Group, Summary
from registers.calendar_rules import academic_year_bounds, academic_year_of, monday_of
from registers.former_facts import Former, former_facts
from registers.models import Mark, Registration
from registers.sums import PupilSum, counts, sums
from reports import benchmarks
from reports.forecast import RECENT_DAYS, Forecast, Outlook, forecast
from reports.groups import EVERYBODY, Key, groups_of, whole
from reports.models import PublishedRate
from reports.querysets.days import counts_of_part, school_days
from reports.ranges import Part, Range

BANDS = ((0, 5), (5, 10), (10, 20), (20, 50), (50, 101))
BAND_NAMES = ("Under 5 %", "5 to 9.9 %", "10 to 19.9 %", "20 to 49.9 %", "50 % and over")


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks: `reach` are the pupils a person may see, None all of them; of these, `part` counts only some
    sessions of the range.
    """

    school: School
    today: date
    range: Range
    before: Range
    key: Key = EVERYBODY
    reach: frozenset[int] | None = None
    part: Part | None = None
    this_year: Range | None = None

    @property
    def year_so_far(self) -> Range:
        """What a forecast counts, whatever is asked: `this_year`, which knows its first term, or else from August."""
        first, _ = academic_year_bounds(academic_year_of(self.today))
        return self.this_year or Range("", "This year so far", first, self.today)

    def asks_for(self, pupil: PupilSum) -> bool:
        reaches = self.reach is None or pupil.pupil_id in self.reach
        return reaches and (not self.key or groups_of(pupil).issuperset(self.key))

    @property
    def is_whole_school(self) -> bool:
        return self.reach is None and not self.key and self.part is None


class Figures:
    """The answer, worked out as far as a page asks: each part costs its own queries, whatever the number of pupils."""

    def __init__(self, question: Question) -> None:
        self.question = question

    @cached_property
    def everybody(self) -> list[PupilSum]:
        """Every pupil of the school with a session in the range."""
        return sums(self.question.range.first, self.question.range.last)

    @cached_property
    def former(self) -> Former:
        """What was otherwise about pupils on the day whose groups the published figures of this year count by."""
        return former_facts(self.question.school, academic_year_of(self.question.range.last))

    @cached_property
    def pupils(self) -> list[PupilSum]:
        """Those the question is about."""
        return self._in_part(self.everybody)

    def _in_part(self, everybody: Iterable[PupilSum], key: Key | None = None) -> list[PupilSum]:
        """Those of these groups, with their sessions of the part that is asked about."""
        asked = self.question if key is None else replace(self.question, key=key)
        found = [pupil for pupil in everybody if asked.asks_for(pupil)]
        if asked.part is None:
            return found
        part = counts_of_part(asked.part)
        return [replace(pupil, summary=part.get(pupil.pupil_id, Summary())) for pupil in found]

    def of(self, key: Key) -> Group:
        """Other groups, of the same pupils and days."""
        return whole(self._in_part(self.everybody, key))

    @cached_property
    def ids(self) -> frozenset[int]:
        return frozenset(pupil.pupil_id for pupil in self.pupils)

    @cached_property
    def pupils_before(self) -> list[PupilSum]:
        """The same groups in the same range of the year before: not the same children."""
        asked = self.question
        if asked.reach is not None:
            return []  # last year's class was another one
        found = sums(asked.before.first, asked.before.last)
        return [pupil for pupil in found if asked.asks_for(pupil)]

    @cached_property
    def total(self) -> Group:
        return whole(self.pupils)

    @cached_property
    def total_before(self) -> Group | None:
        return whole(self.pupils_before) if self.pupils_before else None

    @cached_property
    def this_year(self) -> dict[int, PupilSum]:
        """The year so far of every pupil of the question: what forecasts stand on, whatever the range."""
        first, today = academic_year_bounds(academic_year_of(self.question.today))[0], self.question.today
        same = (self.question.range.first, self.question.range.last) == (first, today)
        found = self.everybody if same else sums(first, today)
        return {pupil.pupil_id: pupil for pupil in found if self.question.asks_for(pupil)}

    @cached_property
    def week_ago(self) -> dict[int, Summary]:
        """The year up to last Sunday, for what moved since."""
        first = academic_year_bounds(academic_year_of(self.question.today))[0]
        sunday = monday_of(self.question.today) - timedelta(1)
        if sunday < first:
            return {}
        return counts(first, sunday)

    @cached_property
    def forecasts(self) -> dict[int, Forecast]:
        """Of every pupil of the question who is on roll: the year so far, the last 30 school days, the days to come."""
        today = self.question.today
        first, end = academic_year_bounds(academic_year_of(today))
        days = school_days(first, end)
        done = [day for day, _ in days if day <= today]
        begun = done[-RECENT_DAYS:][0] if done else today
        recent = counts(begun, today)
        ahead = [(day, sessions) for day, sessions in days if day > today]
        leaving = dict(
            Registration.objects.filter(leaving_date__range=(today, end)).values_list("pupil_id", "leaving_date")
        )
        return {
            pupil_id: forecast(
                pupil.summary,
                recent.get(pupil_id, Summary()),
                [each for each in ahead if each[0] <= promised(leaving[pupil_id])] if pupil_id in leaving else ahead,
            )
            for pupil_id, pupil in self.this_year.items()
        }

    def with_outlook(self, *outlooks: Outlook) -> frozenset[int]:
        return frozenset(pupil_id for pupil_id, found in self.forecasts.items() if found.outlook in outlooks)

    @cached_property
    def moved(self) -> dict[int, int]:
        """How many sessions each pupil of the question missed since last Sunday; only who missed any."""
        return {
            pupil_id: missed
            for pupil_id, pupil in self.this_year.items()
            if (missed := pupil.summary.absence - self.week_ago.get(pupil_id, Summary()).absence) > 0
        }

    @cached_property
    def newly_persistent(self) -> frozenset[int]:
        """Who is persistently absent now and was not last Sunday."""
        return frozenset(
            pupil_id
            for pupil_id, pupil in self.this_year.items()
            if pupil.summary.persistent and not self.week_ago.get(pupil_id, Summary()).persistent
        )

    @cached_property
    def no_longer_persistent(self) -> frozenset[int]:
        return frozenset(
            pupil_id
            for pupil_id, pupil in self.this_year.items()
            if self.week_ago.get(pupil_id, Summary()).persistent and pupil.summary.persistent is False
        )

    @cached_property
    def unexplained(self) -> list[int]:
        """The pupil of each session still coded N."""
        asked = self.question.range
        marks = Mark.objects.between(asked.first, asked.last).without_reason().values_list("pupil_id", flat=True)
        return [pupil_id for pupil_id in marks if pupil_id in self.ids]

    @cached_property
    def rates(self) -> dict[str, benchmarks.Benchmark]:
        """England, the region and the local authority, as far as they are known, by level."""
        school = self.question.school
        year = academic_year_of(self.question.range.last)
        rows = PublishedRate.objects.filter(area__in=["England", school.local_authority])
        known = benchmarks.england() + [row.benchmark for row in rows]
        found = {"nation": benchmarks.choose(known, phase=school.phase, academic_year=year)}
        found["authority"] = benchmarks.choose(
            known, phase=school.phase, academic_year=year, level="authority", areas=[school.local_authority]
        )
        if (authority := found["authority"]) and authority.region:
            regions = PublishedRate.objects.filter(level="region", area=authority.region)
            found["region"] = benchmarks.choose(
                [row.benchmark for row in regions],
                phase=school.phase,
                academic_year=year,
                level="region",
                areas=[authority.region],
            )
        return {level: rate for level, rate in found.items() if rate}


def bands(pupils: Iterable[PupilSum]) -> list[int]:
    """How many pupils missed how much, in `BANDS`; whoever had no possible session is in none."""
    summaries = [pupil.summary for pupil in pupils]
    return [sum(1 for summary in summaries if in_band(summary, band)) for band in range(len(BANDS))]


def in_band(summary: Summary, band: int) -> bool:
    low, high = BANDS[band]
    return low * summary.possible <= 100 * summary.absence < high * summary.possible


def days_per_pupil(group: Group) -> Decimal | None:
    """Days missed by each pupil, on average, one decimal."""
    if not group.pupils:
        return None
    return one_place(Decimal(group.total.absence) / (2 * group.pupils))


def one_place(number: Decimal) -> Decimal:
    """As figures are shown: one decimal, halves up."""
    return number.quantize(Decimal("0.1"), ROUND_HALF_UP)


def points(now: Decimal | None, other: Decimal | None) -> Decimal | None:
    """A difference of two percentages, in percentage points."""
    return None if now is None or other is None else now - other
