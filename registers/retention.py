"""How long the registers are kept, and from which day on an entry may go.

School Attendance (Pupil Registration) (England) Regulations 2024 (SI 2024/208) reg 7: every entry of the admission and
attendance registers six years from the date it was made; three under the regulations of 2006 (law.md 3.2). Whether an
entry made under the old ones must now be kept for six is not settled: six is the safe choice, and the one made unless
a school says otherwise.
"""

from datetime import date

YEARS = 6
YEARS_OF_2006 = 3
IN_FORCE = date(2024, 8, 19)  # SI 2024/208


def kept_from(today: date, *, old_regulations: bool = False) -> date:
    """Entries made on this day or later must be kept; what was made before it is due.

    With `old_regulations` an entry made before 19 August 2024 is due after three years.
    """
    first = years_before(today, YEARS)
    if old_regulations:
        first = max(first, min(years_before(today, YEARS_OF_2006), IN_FORCE))
    return first


def years_before(day: date, years: int) -> date:
    """The same day so many years earlier; the 28th where there is no 29th of February, so that nothing goes early."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
