"""When a payment is to be reminded of: before the reduced amount ends and before the period does (5.9). Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from penalties.amounts import Amount, Period


@dataclass(frozen=True, slots=True)
class Reminder:
    """`pounds` are enough up to and including `last`; `then` is what is due from the day after, None for nothing."""

    pounds: int
    last: date
    then: int | None

    def __str__(self) -> str:
        after = f", then £{self.then}" if self.then else "; then it can no longer be paid"
        return f"£{self.pounds} up to {self.last:%-d %B}{after}"

    @property
    def name(self) -> str:
        """Which of the two days it is for; part of the key by which its letter is proposed once."""
        return "period" if self.then is None else "reduced"


def reminder_due(amount: Amount, period: Period, on: date, days: int) -> Reminder | None:
    """The reminder that is due on a day: from so many days before a last day, to that day itself."""
    if amount.reduced is not None and period.reduced_until is not None and on <= period.reduced_until:
        reminder = Reminder(amount.reduced, period.reduced_until, amount.full)
    else:
        reminder = Reminder(amount.full, period.full_until, None)
    return reminder if reminder.last - timedelta(days=days) <= on <= reminder.last else None
