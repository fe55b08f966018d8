"""The school's calendar: what the school entered, and the school days that follow from it."""

from django.db import models
from django.db.models import F, Q

from attendance_mis.models import School
from attendance_mis.tenancy import SchoolOwned
from registers.calendar_rules import Period, Session


class CalendarEntry(SchoolOwned):
    """A half-term, INSET day, bank holiday or planned closure (code #); both days inclusive."""

    class Kind(models.TextChoices):
        HT1 = "HT1", "Half-term 1"
        HT2 = "HT2", "Half-term 2"
        HT3 = "HT3", "Half-term 3"
        HT4 = "HT4", "Half-term 4"
        HT5 = "HT5", "Half-term 5"
        HT6 = "HT6", "Half-term 6"
        INSET = "inset", "INSET day"
        BANK_HOLIDAY = "bank_holiday", "Bank holiday"
        CLOSURE = "closure", "Planned closure"

    start = models.DateField()
    end = models.DateField()
    kind = models.CharField(max_length=12, choices=Kind)
    label = models.CharField(max_length=100, blank=True)
    session = models.CharField(max_length=2, blank=True, choices=[("AM", "Morning only"), ("PM", "Afternoon only")])

    class Meta(SchoolOwned.Meta):
        ordering = ["start", "kind"]
        constraints = [
            models.CheckConstraint(condition=Q(start__lte=F("end")), name="calendar_entry_in_order"),
            models.UniqueConstraint(fields=["school", "start", "end", "kind", "session"], name="calendar_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.start} to {self.end}"

    @classmethod
    def of(cls, school: School, period: Period) -> "CalendarEntry":
        """The row that holds a period of the pure calendar."""
        session = period.session.name if period.session else ""
        return cls(
            school=school, start=period.start, end=period.end, kind=period.kind, label=period.label, session=session
        )

    @property
    def period(self) -> Period:
        """The period that the rules of the calendar know."""
        session = Session[self.session] if self.session else None
        return Period(self.start, self.end, self.kind, self.label, session)


class SchoolDay(SchoolOwned):
    """A day on which school meets, worked out from the calendar entries; rebuilt by `actions.set_calendar` only.

    It lets SQL count possible sessions without knowing the rules of the calendar.
    """

    day = models.DateField()
    am = models.BooleanField()
    pm = models.BooleanField()
    half_term = models.PositiveSmallIntegerField()
    academic_year = models.PositiveSmallIntegerField(help_text="Named by its first calendar year: 2024 is 2024/25.")

    class Meta(SchoolOwned.Meta):
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["school", "day"], name="school_day_once"),
            models.CheckConstraint(condition=Q(am=True) | Q(pm=True), name="school_day_has_a_session"),
        ]

    def __str__(self) -> str:
        return f"{self.day}"
