"""How long what is held is kept, by category, and from which day on it may go.

School Attendance (Pupil Registration) (England) Regulations 2024 (SI 2024/208) reg 7: every entry of the admission and
attendance registers six years from the date it was made; three under the regulations of 2006 (law.md 3.2). Whether an
entry made under the old ones must now be kept for six is not settled: six is the safe choice, and the one made unless
a school says otherwise. For everything else the law names no number: the school sets its own, and six years, within
which most claims can still be brought (Limitation Act 1980 s.5), is where it begins; two for what the machine notes of
its own running, which nobody claims by.
"""

from dataclasses import dataclass
from datetime import date

YEARS = 6
YEARS_OF_2006 = 3
IN_FORCE = date(2024, 8, 19)  # SI 2024/208


def kept_from(today: date, *, years: int = YEARS, old_regulations: bool = False) -> date:
    """What was made on this day or later must be kept; what was made before it is due.

    With `old_regulations` an entry of the registers made before 19 August 2024 is due after three years.
    """
    first = years_before(today, years)
    if old_regulations:
        first = max(first, min(years_before(today, YEARS_OF_2006), IN_FORCE))
    return first


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; the 28th where there is no 29th of February, so that nothing goes early."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


@dataclass(frozen=True, slots=True)
class Category:
    """Something that is kept by one rule: so many years unless the school says otherwise, `least` at the least.

    `counts_from` says, in words, from when the years count. Which tables belong to it: `kept_tables`.
    """

    name: str
    title: str
    counts_from: str
    years: int = YEARS
    least: int = 1
    is_statutory: bool = False

    def sentence(self, years: int) -> str:
        """The rule in words, as it stands on a certificate."""
        law = " (SI 2024/208 reg 7)" if self.is_statutory else " (the school's own rule)"
        return f"{self.title}: {years} year{'' if years == 1 else 's'} from {self.counts_from}{law}"


CATEGORIES = {
    each.name: each
    for each in (
        Category("registers", "Entries of the registers", "the day each was made", least=YEARS, is_statutory=True),
        Category("penalties", "Penalty notices and court papers", "the child's leaving"),
        Category("casework", "Cases, contacts and plans", "the child's leaving"),
        Category("letters", "Letters and messages", "the child's leaving"),
        Category("children", "Children, contacts and the admission register", "the child's leaving", least=YEARS),
        Category("reports", "Returns, governors' reports and meetings", "the day each was made"),
        Category("staff", "Staff who left, and what they were", "the end of the last role"),
        Category(
            "running", "Imports, runs of the schedule, ended tokens and webhooks", "the day each was over", years=2
        ),
        Category("audit", "The audit trail, and what partners read", "the day of each row", least=YEARS),
    )
}
