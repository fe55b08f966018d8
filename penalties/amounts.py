"""What a penalty notice costs, from when its period runs, and the three years (law.md 5.9 to 5.15, 5.20).

Amounts are whole pounds. There is no third notice in the table, so there is no amount for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from penalties.readings import NATIONAL_FROM, PenaltySettings, PeriodStarts, Straddling
from registers.working_days import working_day_after

LOCAL_60_FROM = date(2012, 9, 1)
"""£60/£120 from here, £50/£100 before (5.14)."""


class Kind(StrEnum):
    """What a notice is for."""

    ABSENCE = "absence"
    PUBLIC_PLACE = "public place during exclusion"


class Scheme(StrEnum):
    """The rules that fix the amount."""

    NATIONAL = "national framework"
    LOCAL = "local code before 19 August 2024"
    LOCAL_BEFORE_2012 = "local code before September 2012"
    PUBLIC_PLACE = "section 105 of the Education and Inspections Act 2006"


class Served(StrEnum):
    """How the notice reaches the parent."""

    POST = "post"
    HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Amount:
    """`full` pounds within `full_days`; `reduced` within `reduced_days`, None for a flat amount."""

    full: int
    reduced: int | None = None
    full_days: int = 28
    reduced_days: int = 21

    def __str__(self) -> str:
        if self.reduced is None:
            return f"£{self.full} within {self.full_days} days"
        return f"£{self.reduced} within {self.reduced_days} days, £{self.full} within {self.full_days} days"


FIRST, SECOND, OLD = Amount(160, 80), Amount(160), Amount(120, 60)
AMOUNTS: Mapping[Scheme, tuple[Amount, ...]] = {
    Scheme.NATIONAL: (FIRST, SECOND),  # 5.9
    Scheme.LOCAL: (OLD,),  # 5.14
    Scheme.LOCAL_BEFORE_2012: (Amount(100, 50),),  # 5.14
    Scheme.PUBLIC_PLACE: (OLD,),  # 5.15
}


def scheme_of(kind: Kind, first_day: date, last_day: date, settings: PenaltySettings) -> Scheme:
    """The rules for an offence of these days, both inclusive (5.14, 5.15)."""
    if kind is Kind.PUBLIC_PLACE:
        return Scheme.PUBLIC_PLACE
    deciding = last_day if settings.straddling is Straddling.LAST_DAY else first_day
    if deciding >= NATIONAL_FROM:
        return Scheme.NATIONAL
    return Scheme.LOCAL if deciding >= LOCAL_60_FROM else Scheme.LOCAL_BEFORE_2012


def amount_of(scheme: Scheme, earlier: int) -> Amount | None:
    """The amount after so many counting notices in three years; None: no such notice may be issued (5.9, 5.11).

    Only the national framework counts earlier notices.
    """
    amounts = AMOUNTS[scheme]
    if scheme is not Scheme.NATIONAL:
        return amounts[0]
    return amounts[earlier] if earlier < len(amounts) else None


@dataclass(frozen=True, slots=True)
class Period:
    """The days of payment. `day_one` counts as day 1; both ends are the last day on which that amount is enough."""

    day_one: date
    reduced_until: date | None
    full_until: date

    @property
    def over_from(self) -> date:
        """The first day after the period: prosecution or withdrawal from here, not before (5.22)."""
        return self.full_until + timedelta(days=1)


def day_one(issued: date, served: Served, settings: PenaltySettings) -> date:
    """Day 1 of the period: the issue, or the day the notice counts as received (5.10, 5.20).

    A posted notice is posted on the day of issue. Handed over, it is received that day (not confirmed by any source).
    """
    if settings.period_starts is PeriodStarts.ISSUE or served is Served.HAND:
        return issued
    return working_day_after(issued, settings.deemed_service_days)


def period_of(amount: Amount, first: date) -> Period:
    """The days of payment of an amount whose day 1 is `first`."""
    reduced = first + timedelta(days=amount.reduced_days - 1) if amount.reduced is not None else None
    return Period(first, reduced, first + timedelta(days=amount.full_days - 1))


def sum_due(amount: Amount, period: Period, on: date) -> int | None:
    """Pounds that discharge the notice on a day; None once the period is over (5.9, 5.22)."""
    if amount.reduced is not None and period.reduced_until is not None and on <= period.reduced_until:
        return amount.reduced
    return amount.full if on <= period.full_until else None


def three_years_after(issued: date) -> date:
    """The first day outside the three years that begin with the day of issue (5.11).

    Issued on 29 February, they end with 28 February: the answer is 1 March.
    """
    try:
        return issued.replace(year=issued.year + 3)
    except ValueError:
        return date(issued.year + 3, 3, 1)
