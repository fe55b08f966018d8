"""What was done about the statutory clocks: the returns made to the authority, and what somebody recorded done."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from attendance_mis.models import School, User
from attendance_mis.tenancy import SameSchoolKey, SchoolOwned
from attendance_mis.words import how_many
from casework.clocks import IRREGULAR_SESSIONS, RULES, Interval, Kind

INTERVALS = [
    (Interval.MONTH.value, "Once a calendar month, by its last day"),
    (Interval.HALF_MONTH.value, "Twice a month, by the 15th and by the last day"),
    (Interval.WEEK.value, "Every week, by its Sunday"),
]
KINDS = [(kind.value, RULES[kind].title) for kind in Kind]


class AuthorityReturn(SchoolOwned):
    """One return to the local authority as it was made: both files, byte for byte. The database refuses a change."""

    kind = models.CharField(max_length=17, choices=KINDS)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_by_name = models.CharField(max_length=100)
    made_by_position = models.CharField(max_length=100)
    pupils = ArrayField(models.IntegerField(), help_text="Whom it tells of.")
    csv = models.BinaryField()
    csv_hash = models.CharField(max_length=64, help_text="SHA-256 of the file.")
    pdf = models.BinaryField()
    pdf_hash = models.CharField(max_length=64, help_text="SHA-256 of the file.")

    class Meta(SchoolOwned.Meta):
        ordering = ["-made_at", "-pk"]
        indexes = [models.Index(fields=["school", "-made_at"], name="returns_made")]
        constraints = [
            models.UniqueConstraint(fields=["school", "id"], name="authorityreturn_same_school"),
            models.CheckConstraint(
                condition=models.Q(made_at__isnull=False, made_by__isnull=False), name="return_made_at_and_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.made_at:%Y-%m-%d}"


class ClockDone(SchoolOwned):
    """What a clock asks for is done: by a return, or as somebody says. Once for each occasion of a clock."""

    kind = models.CharField(max_length=17, choices=KINDS)
    pupil = SameSchoolKey("registers.Pupil", related_name="clocks_done", db_index=False)
    occasion = models.CharField(max_length=40, help_text="Tells the clock from the same clock another time.")
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_by_name = models.CharField(max_length=100)
    done_by_position = models.CharField(max_length=100)
    note = models.CharField(max_length=500, blank=True)
    authority_return = SameSchoolKey(AuthorityReturn, related_name="clocks", null=True, blank=True, db_index=False)

    class Meta(SchoolOwned.Meta):
        ordering = ["-done_at", "-pk"]
        indexes = [models.Index(fields=["school", "-done_at"], name="clocks_done")]
        constraints = [
            models.UniqueConstraint(fields=["school", "kind", "pupil", "occasion"], name="clock_done_once"),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=False, done_by__isnull=False), name="clock_done_at_and_by"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.occasion}"


class ReturnAgreement(SchoolOwned):
    """What a school has agreed with its authority about attendance returns (law.md 3.23). No row: what stands here."""

    interval = models.CharField(max_length=10, choices=INTERVALS, default=Interval.MONTH.value)
    irregular_sessions = models.PositiveSmallIntegerField(default=IRREGULAR_SESSIONS)

    class Meta(SchoolOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["school"], name="return_agreement_once"),
            models.CheckConstraint(
                condition=models.Q(irregular_sessions__range=(1, 100)), name="irregular_sessions_in_ten_weeks"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_interval_display()}; {how_many(self.irregular_sessions, 'session')}"

    @classmethod
    def of(cls, school: School) -> "ReturnAgreement":
        """The school's own, or what holds where nothing else was agreed."""
        return cls.objects.first() or cls(school=school)
